import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import type { OnceOptions } from '../control/client.ts';

/** The part of the typed API that is about kept files. */
export function artifactClient({ read, write, open }: ChainCalls) {
  const at = (artifactId: string): string => `/api/artifacts/${encodeURIComponent(artifactId)}`;
  return {
    artifacts: (query: { readonly madeBy?: string; readonly limit?: number } = {}) =>
      read('/api/artifacts', z.array(shape.artifactSchema), { madeBy: query.madeBy, limit: query.limit }),
    artifact: (artifactId: string) => read(at(artifactId), shape.artifactSchema),
    /** Its bytes as they come. */
    artifactContent: (artifactId: string, signal: AbortSignal) =>
      open(`${at(artifactId)}/content`, {}, signal),
    removeArtifact: (artifactId: string, reason: string, options: OnceOptions = {}) =>
      write(`${at(artifactId)}/remove`, shape.artifactSchema, { reason, ...options }),
  };
}

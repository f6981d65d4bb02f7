import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import type { OnceOptions } from '../control/client.ts';
import {
  phrasebookPreviewSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
} from './contract.ts';

/** The part of the typed API that is about what is answered for nothing. */
export function phrasebookClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    phrasebook: (query: { readonly version?: number } = {}) =>
      read('/api/phrasebook', phrasebookSchema, query),
    phrasebookHistory: (limit = 20) =>
      read('/api/phrasebook/history', z.array(phrasebookVersionSchema), { limit }),
    testPhrasebook: (text: string) => read('/api/phrasebook/test', phrasebookTestSchema, { text }),
    previewPhrasebook: (overlay: readonly unknown[], options: { readonly limit?: number } = {}) =>
      write('/api/phrasebook/preview', phrasebookPreviewSchema, { overlay, ...options }),
    editPhrasebook: (
      overlay: readonly unknown[],
      reason: string,
      options: OnceOptions & { readonly expectedVersion?: number } = {},
    ) => write('/api/phrasebook/edit', phrasebookVersionSchema, { overlay, reason, ...options }),
    revertPhrasebook: (reason: string, options: OnceOptions & { readonly to?: number } = {}) =>
      write('/api/phrasebook/revert', phrasebookVersionSchema, { reason, ...options }),
  };
}

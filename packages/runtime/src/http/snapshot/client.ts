import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import { keptSnapshotSchema, reasonSnapshotSchema } from './contract.ts';

/** The part of the typed API that is about what whoever thinks is shown of the whole. */
export function snapshotClient({ read }: Pick<ChainCalls, 'read'>) {
  return {
    reasonSnapshot: (options: { readonly now?: boolean } = {}) =>
      read('/api/reason/snapshot', reasonSnapshotSchema, options.now === true ? { now: 1 } : {}),
    keptSnapshots: (limit = 20) => read('/api/reason/snapshots', z.array(keptSnapshotSchema), { limit }),
    keptSnapshot: (snapshotId: number) =>
      read(`/api/reason/snapshots/${encodeURIComponent(String(snapshotId))}`, keptSnapshotSchema),
  };
}

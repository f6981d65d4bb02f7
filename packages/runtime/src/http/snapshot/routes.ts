import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions } from '../routing.ts';
import { keptSnapshotSchema, reasonSnapshotSchema } from './contract.ts';

const query = z.object({ now: z.enum(['0', '1']).optional() });
const history = z.object({ limit: z.coerce.number().int().min(1).max(1_000).optional() });
const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** `/api/snapshot` is what the page draws; this is what whoever thinks is shown. */
export function snapshotReads(read: Reader, { house }: RoutesOptions): void {
  read('/reason/snapshot', { data: reasonSnapshotSchema, query }, ({ now }) =>
    house().reasonSnapshot({ now: now === '1' }),
  );
  read('/reason/snapshots', { data: z.array(keptSnapshotSchema), query: history }, ({ limit }) =>
    house().keptSnapshots(limit ?? 20),
  );
  read('/reason/snapshots/:id', { data: keptSnapshotSchema }, (_, at) =>
    house().keptSnapshot(parseWith(id, at.req.param('id'), 'the id')),
  );
}

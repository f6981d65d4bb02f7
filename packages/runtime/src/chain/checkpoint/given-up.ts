import type { Queryable } from '../../store/index.ts';
import type { FoundCheckpoint } from './form.ts';
import { findRewinding } from './rewound.ts';
import { newestRows } from './table.ts';
import type { CheckpointScope } from './table.ts';

/** A rewinding of which people said that it is as it should be. */
export interface AcceptedRewinding {
  /** The checkpoint that the chain no longer had: its size, and how the hash of its last event begins, in hex. */
  readonly size: number;
  readonly hash: string;
  /** Where the chain ended when it was found; undefined where nobody knows any more. */
  readonly headSeq: number | undefined;
}

/** What people gave up with the rewindings they accepted: rows of the table, by number, and whatever states the same. */
export interface GivenUp {
  row(number: number): boolean;
  stated(checkpoint: Pick<FoundCheckpoint, 'size' | 'eventHash'>): boolean;
}

/**
 * A rewinding is accepted by its newest checkpoint alone; those before it that the chain lacks as well went with it. They
 * lie in one row behind it, and none of them at or before the event with which the chain then ended.
 */
export async function givenUpWith(
  db: Queryable,
  scope: CheckpointScope,
  accepted: readonly AcceptedRewinding[],
): Promise<GivenUp> {
  const rows = new Set<number>();
  for (const rewinding of accepted) {
    for (const number of await lostWith(db, scope, rewinding)) rows.add(number);
  }
  return {
    row: (number) => rows.has(number),
    stated: ({ size, eventHash }) =>
      accepted.some((one) => one.size === size && eventHash.toString('hex').startsWith(one.hash)),
  };
}

async function lostWith(
  db: Queryable,
  scope: CheckpointScope,
  { size, hash, headSeq = 0 }: AcceptedRewinding,
): Promise<number[]> {
  const [newest] = await db.query<{ readonly number: number }>(
    `select number from kora.checkpoint where workspace_id = $1 and size = $2
       and starts_with(encode(event_hash, 'hex'), $3) order by number desc limit 1`,
    [scope.workspaceId, size, hash],
  );
  const lost: number[] = [];
  for (let upTo = newest?.number ?? 0; upTo > 0; ) {
    const rows = await newestRows(db, scope, { upTo });
    for (const row of rows) {
      const source = 'table';
      const isBefore = row.size <= headSeq && row.size < size;
      if (isBefore || !(await findRewinding(db, scope.workspaceId, [{ ...row, source }]))) return lost;
      lost.push(row.number);
    }
    upTo = (rows.at(-1)?.number ?? 1) - 1;
  }
  return lost;
}

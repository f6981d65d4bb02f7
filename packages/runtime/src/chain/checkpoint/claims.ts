import type { Queryable } from '../../store/index.ts';
import type { CheckpointClaim } from '../verify/contract.ts';
import type { CheckpointFile } from './file.ts';
import { givenUpWith } from './given-up.ts';
import type { AcceptedRewinding } from './given-up.ts';
import { numberUpTo, storedCheckpoints } from './table.ts';
import type { CheckpointScope } from './table.ts';

/** A claim with the signed text it was read from, for exports. */
export interface NotedClaim extends CheckpointClaim {
  readonly note: string;
}

/** A checkpoint that is no further than one before it: people gave up what was signed in between. */
interface NewLine {
  readonly number: number;
  readonly size: number;
}

export interface ClaimSources {
  readonly db: Queryable;
  readonly scope: CheckpointScope;
  readonly file: CheckpointFile;
  readonly accepted: readonly AcceptedRewinding[];
}

/**
 * What the chain is to be held against, in ascending order of size: the table's checkpoints of more than `after` events
 * without those that an accepted rewinding gave up, and the file's newest where the table does not reach as far.
 */
export async function* checkpointClaims(sources: ClaimSources, after = 0): AsyncGenerator<NotedClaim> {
  const { db, scope, file, accepted } = sources;
  const first = after === 0 ? 0 : await numberUpTo(db, scope.workspaceId, after);
  const lines = await newLines(db, scope, first);
  const givenUp = await givenUpWith(db, scope, accepted);
  let reached = after;
  for await (const { number, size, eventHash, verdict, note } of storedCheckpoints(db, scope, first)) {
    const isLeft = lines.some((line) => number < line.number && size >= line.size) || givenUp.row(number);
    if (isLeft && verdict === 'valid') continue;
    yield { size, eventHash, verdict, note };
    if (verdict === 'valid') reached = size;
  }
  const filed = await file.newest().catch(() => undefined);
  if (filed !== undefined && filed.size > reached && !givenUp.stated(filed)) yield filed;
}

async function newLines(db: Queryable, scope: CheckpointScope, first: number): Promise<NewLine[]> {
  const lines: NewLine[] = [];
  let furthest = 0;
  for await (const { number, size, verdict } of storedCheckpoints(db, scope, first)) {
    if (verdict !== 'valid') continue;
    if (size <= furthest) lines.push({ number, size });
    furthest = size;
  }
  return lines;
}

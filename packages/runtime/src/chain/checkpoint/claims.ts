import type { Queryable } from '../../store/index.ts';
import type { CheckpointClaim } from '../verify/contract.ts';
import type { CheckpointFile } from './file.ts';
import { storedCheckpoints } from './table.ts';
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

/**
 * What the chain is to be held against, in ascending order of size: the table's checkpoints without those that an
 * accepted rewinding gave up, and the file's newest where the table does not reach as far.
 */
export async function* checkpointClaims(
  db: Queryable,
  scope: CheckpointScope,
  file: CheckpointFile,
): AsyncGenerator<NotedClaim> {
  const lines = await newLines(db, scope);
  let reached = 0;
  for await (const { number, size, eventHash, verdict, note } of storedCheckpoints(db, scope)) {
    const givenUp = lines.some((line) => number < line.number && size >= line.size);
    if (givenUp && verdict === 'valid') continue;
    yield { size, eventHash, verdict, note };
    if (verdict === 'valid') reached = size;
  }
  const filed = await file.newest().catch(() => undefined);
  if (filed !== undefined && filed.size > reached) yield filed;
}

async function newLines(db: Queryable, scope: CheckpointScope): Promise<NewLine[]> {
  const lines: NewLine[] = [];
  let furthest = 0;
  for await (const { number, size, verdict } of storedCheckpoints(db, scope)) {
    if (verdict !== 'valid') continue;
    if (size <= furthest) lines.push({ number, size });
    furthest = size;
  }
  return lines;
}

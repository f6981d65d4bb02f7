import type { Session } from '../../store/index.ts';
import type { ChainPoint, Damage } from './contract.ts';
import { bodyProves, proves, readWireRows } from './wire-row.ts';
import type { WireRow } from './wire-row.ts';

export interface Finding {
  readonly seq: number;
  readonly problem: Damage;
  readonly detail: string;
}

/** Where a pass stopped, and what is known around it. */
export interface Scene {
  readonly session: Session;
  readonly workspaceId: number;
  /** The sequence that does not prove. */
  readonly at: number;
  /** First sequence that the pass looked at. */
  readonly start: number;
  readonly head: ChainPoint;
  /** A signed checkpoint vouches for the events up to here. */
  readonly vouched: number;
}

/** How far from its place a row is looked for. */
const searchSpan = 1_000;

/** Says what happened where the chain stops to prove, from the rows around it. */
export async function diagnose(scene: Scene): Promise<Finding> {
  const { session, workspaceId, at } = scene;
  const rows = await readWireRows(session, workspaceId, { from: at - 1, to: at + 2 });
  const twice = [at - 1, at].find((seq) => rows.filter((row) => row.seq === seq).length > 1);
  if (twice !== undefined)
    return { seq: twice, problem: 'inserted', detail: `event ${twice} is there twice` };
  const row = rows.find(({ seq }) => seq === at);
  const next = rows.find(({ seq }) => seq === at + 1);
  if (row === undefined) return await gap(scene);
  if (!proves(row))
    return (
      displaced(row, next, rows) ?? { seq: at, problem: 'changed', detail: 'a field differs from the hash' }
    );
  if (!bodyProves(row)) return { seq: at, problem: 'changed', detail: 'the body differs from its hash' };
  return unlinked(scene, row, next);
}

async function gap({ session, workspaceId, at, head }: Scene): Promise<Finding> {
  const [found] = await session.query<{ next: number | null }>(
    'select min(seq) as next from kora.event where workspace_id = $1 and seq > $2 and seq <= $3',
    [workspaceId, at, head.seq],
  );
  const next = found?.next ?? null;
  if (next !== null)
    return { seq: at, problem: 'missing', detail: `events ${at} to ${next - 1} are not there` };
  return { seq: at, problem: 'truncated_tail', detail: `events ${at} to ${head.seq} are gone from the end` };
}

/** A row that proves under another sequence says where it came from. */
function displaced(row: WireRow, next: WireRow | undefined, rows: readonly WireRow[]): Finding | undefined {
  const { seq } = row;
  const home = homeOf(row);
  if (home === undefined) return undefined;
  // When the rows behind it moved along with it, something was taken out or put in before them.
  const together = next === undefined || proves(next, next.seq - seq + home);
  if (together && home > seq) {
    const detail = `events ${seq} to ${home - 1} are not there, and those behind were renumbered`;
    return { seq, problem: 'missing', detail };
  }
  if (together && rows.some((before) => before.seq === home && before.hash === row.hash)) {
    const detail = `a copy of event ${home} was put in, and those behind were renumbered`;
    return { seq, problem: 'inserted', detail };
  }
  if (together) {
    const detail = `events ${home} to ${seq - 1} were put in, and those behind were renumbered`;
    return { seq: home, problem: 'inserted', detail };
  }
  return { seq, problem: 'reordered', detail: `event ${home} stands in the place of event ${seq}` };
}

function homeOf(row: WireRow): number | undefined {
  for (let distance = 1; distance <= searchSpan; distance += 1) {
    if (proves(row, row.seq + distance)) return row.seq + distance;
    if (row.seq > distance && proves(row, row.seq - distance)) return row.seq - distance;
  }
  return undefined;
}

/** The row is whole, but does not follow from the one before: one of the two was never linked. */
function unlinked({ at, start, head, vouched }: Scene, row: WireRow, next: WireRow | undefined): Finding {
  const followed =
    next === undefined ? head.seq === at && head.hash === row.hash : next.previous === row.hash;
  if (!followed) {
    return { seq: at, problem: 'inserted', detail: 'it proves by itself, but the chain does not link it' };
  }
  if (at > start && at - 1 > vouched) {
    const detail = `event ${at} follows another event than the ${at - 1} that stands here`;
    return { seq: at - 1, problem: 'inserted', detail };
  }
  return { seq: at, problem: 'reordered', detail: 'it does not follow from the event before it' };
}

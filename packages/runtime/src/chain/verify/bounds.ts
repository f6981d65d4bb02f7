import type { Session } from '../../store/index.ts';
import { genesisHash } from '../form.ts';
import type { ChainPoint, VerifyOptions } from './contract.ts';
import type { Finding } from './diagnose.ts';

/** Where a pass begins and ends. */
export interface Bounds {
  readonly head: ChainPoint;
  /** Last sequence there is a row for; behind the head when somebody put it there. */
  readonly last: number;
  readonly start: number;
  /** Hash of the event before the start; undefined when that one is not there. */
  readonly previous: string | undefined;
  readonly prunedThrough: number;
  /** What is wrong before anything was hashed. */
  readonly finding: Finding | undefined;
}

interface Edges {
  readonly seq: number;
  readonly hash: string;
  readonly first: number | null;
  readonly last: number | null;
}

/** The hash before a workspace's first event. */
export const genesis: string = genesisHash.toString('hex');

/** Reads the edges of a chain in one statement, so that a seal in between tears nothing apart. */
export async function readBounds(
  session: Session,
  workspaceId: number,
  { from, after }: VerifyOptions,
): Promise<Bounds> {
  const [edges] = await session.query<Edges>(
    `select coalesce(h.seq, 0) as seq, coalesce(encode(h.hash, 'hex'), '${genesis}') as hash,
       (select min(seq) from kora.event where workspace_id = $1) as first,
       (select max(seq) from kora.event where workspace_id = $1) as last
     from (select 1) as one left join kora.chain_head h on h.workspace_id = $1`,
    [workspaceId],
  );
  const head = { seq: edges?.seq ?? 0, hash: edges?.hash ?? genesis };
  const pruned = await readPruned(session, workspaceId);
  const begun = after !== undefined && after.seq > pruned.seq ? after : pruned;
  const start = Math.max(begun.seq + 1, from ?? 1);
  const previous = start === begun.seq + 1 ? begun.hash : await hashOf(session, workspaceId, start - 1);
  const finding =
    (from === undefined && after === undefined ? belowFirst(edges?.first ?? null) : undefined) ??
    (after === undefined ? undefined : await rewritten(session, workspaceId, after, { head, pruned }));
  return { head, last: edges?.last ?? 0, start, previous, prunedThrough: pruned.seq, finding };
}

function belowFirst(first: number | null): Finding | undefined {
  if (first === null || first >= 1) return undefined;
  return { seq: first, problem: 'inserted', detail: 'no event was ever given a number below 1' };
}

/** Whether what an earlier pass proved is still what stands here. */
async function rewritten(
  session: Session,
  workspaceId: number,
  known: ChainPoint,
  { head, pruned }: { readonly head: ChainPoint; readonly pruned: ChainPoint },
): Promise<Finding | undefined> {
  if (known.seq <= pruned.seq) return undefined;
  if (known.seq > head.seq) {
    const detail = `events were verified up to ${known.seq}, and the chain ends at ${head.seq}`;
    return { seq: head.seq + 1, problem: 'truncated_tail', detail };
  }
  const found = await hashOf(session, workspaceId, known.seq);
  if (found === known.hash) return undefined;
  if (found === undefined)
    return { seq: known.seq, problem: 'missing', detail: 'it was verified before and is gone' };
  return { seq: known.seq, problem: 'rewound', detail: 'it is not the event that was verified here before' };
}

async function hashOf(session: Session, workspaceId: number, seq: number): Promise<string | undefined> {
  if (seq === 0) return genesis;
  const [row] = await session.query<{ hash: string }>(
    `select encode(hash, 'hex') as hash from kora.event where workspace_id = $1 and seq = $2`,
    [workspaceId, seq],
  );
  return row?.hash;
}

/** Where pruning ended, with the hash that what remains must follow from. */
export async function readPruned(session: Session, workspaceId: number): Promise<ChainPoint> {
  const [row] = await session.query<ChainPoint>(
    `select upto_seq as seq, encode(hash, 'hex') as hash from kora.pruned where workspace_id = $1
     order by upto_seq desc limit 1`,
    [workspaceId],
  );
  return row ?? { seq: 0, hash: genesis };
}

/** The first of these events without a body that no `kora.event.redacted` accounts for, sealed or about to be. */
export async function firstUnexplained(
  session: Session,
  workspaceId: number,
  seqs: readonly number[],
): Promise<number | undefined> {
  if (seqs.length === 0) return undefined;
  const [row] = await session.query<{ seq: number | null }>(
    `select min(gone.seq) as seq from unnest($2::bigint[]) as gone(seq)
     where not exists (
       select from kora.event e join kora.event_body b using (workspace_id, seq)
       where e.workspace_id = $1 and e.type = 'kora.event.redacted' and e.seq > gone.seq
         and b.body::json->>'seq' = gone.seq::text)
     and not exists (
       select from kora.stage s
       where s.workspace_id = $1 and s.type = 'kora.event.redacted' and s.body::json->>'seq' = gone.seq::text)`,
    [workspaceId, seqs],
  );
  return row?.seq ?? undefined;
}

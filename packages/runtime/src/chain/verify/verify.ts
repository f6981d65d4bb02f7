import type { Queryable } from '../../store/index.ts';
import { bodyHash, eventHash, genesisHash } from '../form.ts';
import type { HashedFields } from '../form.ts';
import { microseconds, readHead } from '../read.ts';

export type Damage = 'changed' | 'missing' | 'reordered' | 'truncated_tail' | 'body_missing';

/** What a pass over the chain found; the first damage ends it. */
export interface Verification {
  readonly ok: boolean;
  /** Events whose hashes were recomputed. */
  readonly checked: number;
  readonly firstBadSeq?: number;
  readonly problem?: Damage;
  readonly detail?: string;
  readonly head: { readonly seq: number; readonly hash: string };
}

export interface VerifyOptions {
  /** First sequence to check, default 1; the link to the event before it is checked too. */
  readonly from?: number;
  readonly signal?: AbortSignal;
}

interface Row extends Omit<HashedFields, 'workspaceId'> {
  readonly body: string | null;
  readonly bodyHash: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

interface Finding {
  readonly seq: number;
  readonly problem: Damage;
  readonly detail: string;
}

const batchRows = 2_000;

/** Recomputes every link up to the head, in constant memory, and names the first sequence that does not hold. */
export async function verifyChain(
  db: Queryable,
  workspaceId: number,
  options: VerifyOptions = {},
): Promise<Verification> {
  const head = await readHead(db, workspaceId);
  let next = Math.max(1, options.from ?? 1);
  let previous = await hashBefore(db, workspaceId, next);
  let checked = 0;
  while (next <= head.seq) {
    // A pass that was called off proves nothing, so it must not answer.
    options.signal?.throwIfAborted();
    const rows = await readRows(db, workspaceId, next, head.seq);
    for (const row of rows) {
      const finding = check(row, workspaceId, next, previous);
      if (finding !== undefined) return found(finding, checked, head);
      previous = row.hash;
      checked += 1;
      next += 1;
    }
    if (rows.length === 0) return found(missingTail(next, head.seq), checked, head);
  }
  const atHead = next > head.seq && checked > 0;
  if (atHead && previous?.toString('hex') !== head.hash) {
    return found({ seq: head.seq, problem: 'changed', detail: 'the head names another hash' }, checked, head);
  }
  return { ok: true, checked, head };
}

function found(finding: Finding, checked: number, head: Verification['head']): Verification {
  return {
    ok: false,
    checked,
    firstBadSeq: finding.seq,
    problem: finding.problem,
    detail: finding.detail,
    head,
  };
}

function missingTail(seq: number, headSeq: number): Finding {
  return { seq, problem: 'truncated_tail', detail: `events ${seq} to ${headSeq} are gone from the end` };
}

function check(
  row: Row,
  workspaceId: number,
  expected: number,
  previous: Buffer | undefined,
): Finding | undefined {
  const { seq } = row;
  if (seq !== expected) {
    return { seq: expected, problem: 'missing', detail: `events ${expected} to ${seq - 1} are not there` };
  }
  if (row.body !== null && !bodyHash(row.body).equals(row.bodyHash)) {
    return { seq, problem: 'changed', detail: 'the body differs from its hash' };
  }
  if (!eventHash({ ...row, workspaceId }, row.bodyHash, row.previous).equals(row.hash)) {
    return { seq, problem: 'changed', detail: 'a field differs from the hash' };
  }
  if (previous !== undefined && !row.previous.equals(previous)) {
    return { seq, problem: 'reordered', detail: 'it does not follow from the event before it' };
  }
  // Until redaction exists, every body must be there: a missing one is a loss, not a redaction.
  if (row.body === null) return { seq, problem: 'body_missing', detail: 'the body is gone' };
  return undefined;
}

/** Undefined when the event before is itself missing: then only the rows' own hashes can be checked. */
async function hashBefore(db: Queryable, workspaceId: number, seq: number): Promise<Buffer | undefined> {
  if (seq === 1) return genesisHash;
  const [row] = await db.query<{ hash: Buffer }>(
    'select hash from kora.event where workspace_id = $1 and seq = $2',
    [workspaceId, seq - 1],
  );
  return row?.hash;
}

function readRows(db: Queryable, workspaceId: number, from: number, to: number): Promise<Row[]> {
  return db.query<Row>(
    `select e.seq, e.event_id as "eventId", e.type, e.schema_version as "schemaVersion", e.actor_id as "actorId",
       e.runtime_id as "runtimeId", e.session_id as "sessionId", e.correlation_id as "correlationId",
       e.causation_id as "causationId", e.ticket_id as "ticketId", e.fence,
       ${microseconds('e.occurred_at')} as "occurredAt", b.body, e.body_hash as "bodyHash", e.prev_hash as previous, e.hash
     from kora.event e left join kora.event_body b using (workspace_id, seq)
     where workspace_id = $1 and seq between $2 and $3 order by seq limit ${batchRows}`,
    [workspaceId, from, to],
  );
}

import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { canonicalJson } from '../canonical.ts';
import { bodyHash, eventHash, genesisHash } from '../form.ts';
import type { HashedFields } from '../form.ts';
import { microseconds, timeOf } from '../read.ts';
import { vocabularyViolation } from '../events.ts';

export interface SealerOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** Called after each commit that sealed something, with the new head. */
  readonly onSealed: (seq: number) => void;
  readonly onError: (error: unknown) => void;
}

interface StagedRow extends Omit<HashedFields, 'workspaceId' | 'seq' | 'eventId'> {
  readonly number: number;
  readonly known: boolean;
  readonly eventId: string | null;
  readonly body: string;
}

interface SealedRow extends HashedFields {
  readonly number: number;
  readonly body: string;
  readonly bodyHash: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

interface Head {
  readonly seq: number;
  readonly hash: Buffer;
}

interface Waiting {
  readonly resolve: (seq: number | null) => void;
  committed: boolean;
}

/** A number between its staging and its seal. */
export interface Expected {
  /** The sequence it was given; null when another runtime's sealer took it, or this one ended. */
  committed(): Promise<number | null>;
  dropped(): void;
}

const batchRows = 2_000;
/** Looks without a kick, for what other runtimes staged and did not live to seal. */
const idleLookMs = 500;
const errorWaitMs = 1_000;

/**
 * Moves staged events onto the chain. It has two modes. *Waiting*: nothing is staged that it knows of; a kick or half a
 * second ends the wait. *Sealing*: batches of up to 2,000 rows, each in one transaction that holds the workspace's head,
 * until a batch comes back empty. Business commits never hold the head; a second sealer waits for the lock and then
 * reads the head that the first one left, so two at once are safe.
 */
export class Sealer {
  readonly #options: SealerOptions;
  #kicked = false;
  #wake: (() => void) | undefined;
  #ended = false;
  readonly #waiting = new Map<number, Waiting>();

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Says that something was staged and committed. */
  kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  /**
   * Announces a staged number before its commit: a sealer is quick enough to take it before the commit is told here. The
   * caller then says `committed`, and waits for the sequence, or `dropped`.
   */
  expect(number: number): Expected {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const waiting: Waiting = { resolve, committed: false };
    this.#waiting.set(number, waiting);
    return {
      committed: () => {
        waiting.committed = true;
        if (this.#ended) this.#settle(number, null);
        this.kick();
        return promise;
      },
      dropped: () => this.#settle(number, null),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#kicked = false;
      const wait = await this.#drain();
      if (!this.#kicked || wait === errorWaitMs) await this.#sleep(wait, signal);
    }
    // What was staged during shutdown is sealed now rather than by the next start.
    await this.#drain();
    this.#ended = true;
    for (const [number, { committed }] of this.#waiting) if (committed) this.#settle(number, null);
  }

  async #drain(): Promise<number> {
    try {
      while ((await this.sealBatch()) > 0);
      await this.#releaseWaiting();
      return idleLookMs;
    } catch (error) {
      this.#options.onError(error);
      return errorWaitMs;
    }
  }

  /** Seals up to one batch; answers how many staged rows it took. */
  async sealBatch(): Promise<number> {
    const { database, onSealed } = this.#options;
    const sealed = await database.transaction((tx) => this.#sealIn(tx));
    const last = sealed.at(-1);
    if (last === undefined) return 0;
    for (const { number, seq } of sealed) this.#settle(number, seq);
    onSealed(last.seq);
    return sealed.length;
  }

  async #sealIn(tx: Transaction): Promise<SealedRow[]> {
    const { workspaceId } = this.#options;
    // Lock first, look second: in READ COMMITTED the second statement sees everything committed before the lock was ours.
    const head = await lockHead(tx, workspaceId);
    const staged = await readStage(tx, workspaceId);
    if (staged.length === 0) return [];
    const rows = this.#link(staged, head);
    await this.#quarantine(
      tx,
      staged.filter(({ known }) => !known),
    );
    await writeEvents(tx, workspaceId, rows, head);
    return rows;
  }

  #link(staged: readonly StagedRow[], head: Head): SealedRow[] {
    let { seq, hash: previous } = head;
    return staged.map((row) => {
      seq += 1;
      const { number, body, known: _known, eventId, ...fields } = asSealable(row);
      const hashed = {
        ...fields,
        workspaceId: this.#options.workspaceId,
        seq,
        eventId: eventId ?? this.#options.clock.uuid(),
      };
      const link = { ...hashed, number, body, bodyHash: bodyHash(body), previous };
      const hash = eventHash(hashed, link.bodyHash, previous);
      previous = hash;
      return { ...link, hash };
    });
  }

  async #quarantine(tx: Transaction, unknown: readonly StagedRow[]): Promise<void> {
    if (unknown.length === 0) return;
    await tx.query(
      `insert into kora.quarantine (workspace_id, number, type, body, reason)
       select $1, number, type, body, 'unknown type' from kora.stage where workspace_id = $1 and number = any($2)`,
      [this.#options.workspaceId, unknown.map(({ number }) => number)],
    );
  }

  /** Another runtime may have sealed what a caller here waits for: what is no longer staged is sealed. */
  async #releaseWaiting(): Promise<void> {
    // One that is not committed is not in the stage either, as far as this look can see.
    const numbers = [...this.#waiting].filter(([, { committed }]) => committed).map(([number]) => number);
    if (numbers.length === 0) return;
    const open = await this.#options.database.query<{ readonly number: number }>(
      'select number from kora.stage where workspace_id = $1 and number = any($2)',
      [this.#options.workspaceId, numbers],
    );
    const still = new Set(open.map(({ number }) => number));
    for (const number of numbers) if (!still.has(number)) this.#settle(number, null);
  }

  #settle(number: number, seq: number | null): void {
    this.#waiting.get(number)?.resolve(seq);
    this.#waiting.delete(number);
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    // After an error no kick shortens the wait: what cannot be sealed now is not sealed faster by trying more often.
    if (ms === idleLookMs) this.#wake = () => woken.abort();
    if (ms === idleLookMs && this.#kicked) woken.abort();
    await this.#options.clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    this.#wake = undefined;
  }
}

/** A row of a type that nobody declared is sealed as the violation that it is. */
function asSealable(row: StagedRow): StagedRow {
  if (row.known) return row;
  return {
    ...row,
    type: vocabularyViolation.type,
    schemaVersion: vocabularyViolation.version,
    body: canonicalJson({ type: row.type, number: row.number, reason: 'unknown type' }),
  };
}

async function lockHead(tx: Transaction, workspaceId: number): Promise<Head> {
  const [head] = await tx.query<Head>(
    'select seq, hash from kora.chain_head where workspace_id = $1 for update',
    [workspaceId],
  );
  return head ?? { seq: 0, hash: genesisHash };
}

function readStage(tx: Transaction, workspaceId: number): Promise<StagedRow[]> {
  return tx.query<StagedRow>(
    `select number, stage.type, schema_version as "schemaVersion", actor_id as "actorId", runtime_id as "runtimeId",
       session_id as "sessionId", correlation_id as "correlationId", causation_id as "causationId",
       ticket_id as "ticketId", fence, event_id as "eventId", body, ${microseconds('staged_at')} as "occurredAt",
       event_type.type is not null as known
     from kora.stage left join kora.event_type on event_type.type = stage.type
     where workspace_id = $1 order by number limit ${batchRows}`,
    [workspaceId],
  );
}

async function writeEvents(
  tx: Transaction,
  workspaceId: number,
  rows: readonly SealedRow[],
  head: Head,
): Promise<void> {
  const last = rows.at(-1);
  if (last === undefined) return;
  await tx.query('select kora.ensure_event_partition($1)', [last.seq]);
  const column = <T>(pick: (row: SealedRow) => T): T[] => rows.map(pick);
  const moved = await tx.query(
    `with gone as (delete from kora.stage where workspace_id = $1 and number = any($2::bigint[])),
       events as (insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id,
           session_id, correlation_id, causation_id, ticket_id, fence, occurred_at, body_hash, prev_hash, hash)
         select $1, seq, id, type, version, actor, runtime, session, correlation, causation, ticket, fence,
           ${timeOf('at')}, body, previous, hash
         from unnest($3::bigint[], $4::uuid[], $5::text[], $6::int[], $7::text[], $8::uuid[], $9::uuid[],
           $10::text[], $11::uuid[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bytea[], $16::bytea[],
           $17::bytea[]) as sealed(seq, id, type, version, actor, runtime, session, correlation, causation, ticket,
           fence, at, body, previous, hash)),
       bodies as (insert into kora.event_body (workspace_id, seq, body)
         select $1, * from unnest($3::bigint[], $18::text[]))
     update kora.chain_head set seq = $19, hash = $20 where workspace_id = $1 and seq = $21 returning seq`,
    [
      workspaceId,
      column((row) => row.number),
      column((row) => row.seq),
      column((row) => row.eventId),
      column((row) => row.type),
      column((row) => row.schemaVersion),
      column((row) => row.actorId),
      column((row) => row.runtimeId),
      column((row) => row.sessionId),
      column((row) => row.correlationId),
      column((row) => row.causationId),
      column((row) => row.ticketId),
      column((row) => row.fence),
      column((row) => row.occurredAt),
      column((row) => row.bodyHash),
      column((row) => row.previous),
      column((row) => row.hash),
      column((row) => row.body),
      last.seq,
      last.hash,
      head.seq,
    ],
  );
  // The lock makes this impossible; the compare-and-set makes a fork unstorable should the lock ever be lost.
  if (moved.length !== 1)
    throw fault('KORA_INTERNAL', `the chain head of workspace ${workspaceId} moved under the seal`);
}

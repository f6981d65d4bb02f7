import { fault } from '../../fault/index.ts';
import type { Clock } from '../../clock/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { OperationSpec } from '../contract.ts';
import type { Operation } from './contract.ts';
import { holderFragment, holderValues, staleFence } from './holder.ts';
import type { Holder } from './holder.ts';
import { checkSpec, errorText, keepable, requestHash } from './words.ts';
import type { Scrub } from './words.ts';

export interface LedgerOptions {
  readonly database: Queryable;
  readonly workspaceId: number;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: Scrub;
}

/** Who moves an operation, and until when a store that is away is asked again. */
export interface Mover {
  readonly holder: Holder;
  readonly signal: AbortSignal;
}

type Row = Omit<Operation, 'key' | 'result'> & {
  readonly result: unknown;
  readonly answered: boolean;
  /** When the ticket was added, in microseconds: what tells it from one of the same number elsewhere. */
  readonly born: string;
};

const columns = `ticket_id as "ticketId", operation_id as "operationId", tool, side_effects as "sideEffects", status,
  dispatches, fence, session_id as "sessionId", result, result is not null as answered, error,
  request_hash as "requestHash", allocated_at as "allocatedAt", dispatched_at as "dispatchedAt", ended_at as "endedAt",
  (select (extract(epoch from t.created_at) * 1000000)::bigint::text from kora.ticket t
    where t.workspace_id = o.workspace_id and t.ticket_id = o.ticket_id) as born`;
const ofKey = 'workspace_id = $1 and ticket_id = $2 and operation_id = $5';

interface Step {
  readonly name: string;
  readonly text: string;
}

const beginStep: Step = {
  name: 'ticket-operation-begin',
  text: `
  with holder as materialized (${holderFragment}),
  made as (
    insert into kora.operation (workspace_id, ticket_id, operation_id, fence, session_id, tool, side_effects, request_hash)
    select $1, ticket_id, $5::text, $3, $4, $6::text, $7::text, $8::text from holder
    on conflict do nothing returning *)
  select exists (select from holder) as held, operation.*
  from (values (1)) as one left join lateral (
    select ${columns} from made o
    union all select ${columns} from kora.operation o where ${ofKey}) as operation on true`,
};

/** A step is guarded by what its caller saw: the status, and how often it was begun. Whoever saw an older one moves nothing. */
const moveStatement = (set: string): string => `
  with holder as materialized (${holderFragment}),
  moved as (
    update kora.operation o set ${set}, fence = $3, session_id = $4
    from holder where o.workspace_id = $1 and o.ticket_id = $2 and o.operation_id = $5 and o.status = $6
      and o.dispatches = $7
    returning 1)
  select exists (select from holder) as held, exists (select from moved) as moved`;

const dispatchStep: Step = {
  name: 'ticket-operation-dispatch',
  text: moveStatement(`status = 'dispatched', dispatches = o.dispatches + 1, dispatched_at = clock_timestamp(),
    error = null, ended_at = null`),
};
const commitStep: Step = {
  name: 'ticket-operation-commit',
  text: moveStatement(
    `status = 'committed', result = $8::jsonb, error = $9::text, ended_at = clock_timestamp()`,
  ),
};
const abandonStep: Step = {
  name: 'ticket-operation-abandon',
  text: moveStatement(`status = 'abandoned', error = $8::text, ended_at = clock_timestamp()`),
};
const failStep: Step = { name: 'ticket-operation-fail', text: moveStatement('error = $8::text') };

const storeRetryMs = 500;

/**
 * What tickets did to the world outside: `allocated`, `dispatched`, `committed` or `abandoned`. Each step is one
 * statement, lands only while its mover holds the ticket (else KORA_TICKET_STALE_FENCE), and only from the status that
 * the mover saw (else KORA_OPERATION_STATE). A store that is away is asked again until the mover's signal aborts; each
 * step can tell whether it landed before.
 */
export class Ledger {
  readonly #options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /**
   * The operation of this id, allocated now when there is none. Throws KORA_OPERATION_INVALID, and
   * KORA_OPERATION_CHANGED when the id belongs to another request.
   */
  async begin(mover: Mover, spec: OperationSpec): Promise<Operation> {
    checkSpec(spec);
    const { id, tool, sideEffects } = spec;
    const hash = requestHash(spec);
    const values = [...this.#key(mover.holder, id), tool, sideEffects, hash];
    const found = await this.#asked(mover, () => this.#query<Row & { held: boolean }>(beginStep, values));
    const [row] = found;
    if (row?.held !== true) throw staleFence(mover.holder);
    if (row.requestHash === hash) return this.#operation(row);
    throw fault(
      'KORA_OPERATION_CHANGED',
      `operation ${id} of ticket ${row.ticketId} is a request to ${row.tool} already, and not this one`,
      { fix: 'give each request an id of its own, made of nothing that changes between attempts' },
    );
  }

  /** From here on it may have happened. */
  async dispatched(mover: Mover, seen: Operation): Promise<Operation> {
    const next = { ...seen, status: 'dispatched', dispatches: seen.dispatches + 1 } as const;
    await this.#move(mover, seen, next, { step: dispatchStep, values: [] });
    return next;
  }

  /**
   * It happened, and this is what it answered: as every later attempt will read it. An answer that cannot be kept is
   * noted as that, so that the operation is not done again, and throws KORA_OPERATION_RESULT now and later.
   */
  async commit(mover: Mover, seen: Operation, answer: unknown): Promise<unknown> {
    const kept = keepable(answer, this.#options.scrub);
    const json = 'json' in kept ? kept.json : null;
    const error = 'why' in kept ? kept.why : null;
    const next = { ...seen, status: 'committed', error } as const;
    await this.#move(mover, seen, next, { step: commitStep, values: [json, error] });
    return committedAnswer(json === null ? next : { ...next, result: JSON.parse(json) });
  }

  /** It is known not to have happened, and may be begun again. */
  async abandon(mover: Mover, seen: Operation, error: unknown): Promise<void> {
    const next = { ...seen, status: 'abandoned' } as const;
    const text = errorText(error, this.#options.scrub);
    await this.#move(mover, seen, next, { step: abandonStep, values: [text] });
  }

  /** It came to no end that anybody knows: it stays dispatched, with the reason. */
  async failed(mover: Mover, seen: Operation, error: unknown): Promise<void> {
    const text = errorText(error, this.#options.scrub);
    await this.#move(mover, seen, seen, { step: failStep, values: [text] });
  }

  /** The operations of a ticket, at most 1000, oldest first. */
  async list(ticketId: number): Promise<Operation[]> {
    const rows = await this.#options.database.query<Row>(
      `select ${columns} from kora.operation o where workspace_id = $1 and ticket_id = $2
       order by allocated_at, operation_id limit 1000`,
      [this.#options.workspaceId, ticketId],
    );
    return rows.map((row) => this.#operation(row));
  }

  async #move(
    mover: Mover,
    seen: Operation,
    next: Operation,
    { step, values }: { readonly step: Step; readonly values: readonly unknown[] },
  ): Promise<void> {
    const key = this.#key(mover.holder, seen.operationId);
    await this.#asked(mover, async () => {
      const [verdict] = await this.#query<{ held: boolean; moved: boolean }>(step, [
        ...key,
        seen.status,
        seen.dispatches,
        ...values,
      ]);
      if (verdict?.held !== true) throw staleFence(mover.holder);
      if (!verdict.moved && !(await this.#landed(mover.holder, next))) throw moved(seen);
    });
  }

  /** Whether our own earlier step landed and only its answer was lost. */
  async #landed(holder: Holder, next: Operation): Promise<boolean> {
    const [row] = await this.#options.database.query<Row>(
      `select ${columns} from kora.operation o where ${ofKey} and fence = $3 and session_id = $4`,
      this.#key(holder, next.operationId),
    );
    return row?.status === next.status && row.dispatches === next.dispatches;
  }

  async #asked<T>({ signal }: Mover, ask: () => Promise<T>): Promise<T> {
    let last = false;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!isStoreAway(error) || last) throw error;
        // Once more after the abort, since a broken connection is replaced by the next question; then nobody waits for it.
        last = !(await this.#options.clock.sleep(storeRetryMs, signal));
      }
    }
  }

  #query<R extends object>({ name, text }: Step, values: readonly unknown[]): Promise<R[]> {
    return this.#options.database.query<R>(text, values, { name });
  }

  #key(holder: Holder, operationId: string): unknown[] {
    return [...holderValues(this.#options.workspaceId, holder), operationId];
  }

  #operation({ result, answered, born, ...row }: Row): Operation {
    // Another installation, and a restored store that gives out numbers again, have tickets of the same number.
    const ticket = `${row.ticketId}-${BigInt(born).toString(36)}`;
    const key = `kora-${this.#options.workspaceId}-${ticket}-${row.operationId}`;
    return { ...row, key, ...(answered ? { result } : {}) };
  }
}

/** What a committed operation answered. Throws KORA_OPERATION_RESULT when that could not be kept. */
export function committedAnswer(operation: Operation): unknown {
  if (operation.error === null) return operation.result;
  throw fault(
    'KORA_OPERATION_RESULT',
    `operation ${operation.operationId} happened, and its answer could not be kept: ${operation.error}`,
    { fix: 'answer only what the rest of the work needs, as plain JSON' },
  );
}

function moved({ operationId, ticketId, status }: Operation): Error {
  return fault(
    'KORA_OPERATION_STATE',
    `operation ${operationId} of ticket ${ticketId} is not ${status} any more: another has moved it`,
  );
}

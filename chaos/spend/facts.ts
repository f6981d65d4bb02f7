import type { StoreConnection } from '../../e2e/harness/store.ts';
import type { Asked } from '../../e2e/model-server/script.ts';

/** What the provider counts for each call, whoever hears of it: not far below what is set aside for one. */
export const counted = { input: 15_000, output: 900 } as const;
/** And what that costs, in micro-dollars, of the small model of the house. */
export const costOfOne = counted.input + 5 * counted.output;

export interface EntryFact {
  readonly kind: string;
  readonly callId: string | null;
  readonly spent: number;
  readonly reserved: number;
  readonly reason: string | null;
}

export interface CallFact {
  readonly runId: string;
  readonly callId: string;
  readonly outcome: string | null;
  readonly costMicroUsd: number | null;
}

export interface RunFact {
  readonly runId: string;
  /** The question's own word: `question-12`. */
  readonly question: string;
  readonly status: string;
  readonly error: string | null;
  readonly costMicroUsd: number;
  readonly calls: number;
}

/** How the money stood while no runtime lived. */
export interface Look {
  readonly where: string;
  /** Requests that the provider had taken by then. */
  readonly asked: number;
  readonly spent: number;
  readonly reserved: number;
}

/** What a run is judged by: rows of the store, and what the provider was asked. */
export interface SpendFacts {
  readonly poolMicroUsd: number;
  readonly looks: readonly Look[];
  readonly entries: readonly EntryFact[];
  readonly calls: readonly CallFact[];
  readonly runs: readonly RunFact[];
  /** By question, how often the provider was asked. */
  readonly asked: ReadonlyMap<string, number>;
  /** Questions whose answer their ticket has. */
  readonly answered: readonly string[];
  /** The last questions, all at once, with a pool that fits few of them. */
  readonly edge: { readonly asked: number; readonly refused: number; readonly fits: number };
}

export function questionIn(text: string): string {
  return /\bquestion-\d+\b/.exec(text)?.[0] ?? 'none';
}

export function askedBy(asked: readonly Asked[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { messages } of asked) {
    const question = questionIn(messages.map(({ text }) => text).join('\n'));
    times.set(question, (times.get(question) ?? 0) + 1);
  }
  return times;
}

export async function balanceOf(store: StoreConnection): Promise<{ spent: number; reserved: number }> {
  const [row] = await store.rows<{ spent: string; reserved: string }>(
    'select coalesce(sum(spent), 0) as spent, coalesce(sum(reserved), 0) as reserved from kora.spend_balance',
  );
  return { spent: Number(row?.spent), reserved: Number(row?.reserved) };
}

export async function entriesOf(store: StoreConnection): Promise<EntryFact[]> {
  const rows = await store.rows<Omit<EntryFact, 'spent' | 'reserved'> & { spent: string; reserved: string }>(
    `select kind, call_id as "callId", spent_change as spent, reserved_change as reserved, reason
     from kora.spend_entry order by entry_id`,
  );
  return rows.map((row) => ({ ...row, spent: Number(row.spent), reserved: Number(row.reserved) }));
}

export async function callsOf(store: StoreConnection): Promise<CallFact[]> {
  return await store.rows<CallFact>(
    `select run_id as "runId", call_id as "callId", outcome, cost_micro_usd::int as "costMicroUsd" from kora.reason_call
     order by run_id, ordinal`,
  );
}

export async function runsOf(store: StoreConnection): Promise<RunFact[]> {
  return await store.rows<RunFact>(
    `select run_id as "runId", question, status, error, cost_micro_usd::int as "costMicroUsd", calls
     from kora.reason_run order by run_id`,
  );
}

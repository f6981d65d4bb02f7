import type { ReasonRunRow } from '@kora/runtime/client';
import { matches } from '../../shell/query.ts';
import type { Filter } from '../../shell/query.ts';

/** What of the list stays in the address. */
export const runFilterKeys = ['q', 'route', 'model', 'outcome', 'tool', 'source', 'cost', 'ticket'] as const;
export type RunFilter = Filter<(typeof runFilterKeys)[number]>;

/** The events after which a run is other than it was. */
export const reasonEvents: readonly string[] = ['reasoning.'];

export const sourceKinds = ['ticket', 'wake', 'message', 'operator', 'plugin'] as const;
export type SourceKind = (typeof sourceKinds)[number];

const sourceOfRoute: Readonly<Record<string, SourceKind>> = {
  alert_investigation: 'wake',
  probe_investigation: 'wake',
  slack_dm: 'message',
  email_inbound: 'message',
  cli: 'operator',
  cockpit: 'operator',
};

/** On whose behalf it was thought: a ticket first, whatever its route. */
export function sourceOf({ ticketId, route }: Pick<ReasonRunRow, 'ticketId' | 'route'>): SourceKind {
  return ticketId === null ? (sourceOfRoute[route] ?? 'plugin') : 'ticket';
}

/** The runs that a filter lets through, in their order. A cost that is no number filters nothing. */
export function filtered(runs: readonly ReasonRunRow[], filter: RunFilter): readonly ReasonRunRow[] {
  const least = Number.parseFloat(filter.cost) * 1_000_000;
  return runs.filter(
    (run) =>
      matches(filter.q, run.question, run.runId, run.asker, run.receipt.wake, ticketOf(run)) &&
      (filter.route === '' || run.route === filter.route) &&
      (filter.model === '' || run.receipt.model === filter.model) &&
      (filter.outcome === '' || run.status === filter.outcome) &&
      (filter.tool === '' || run.receipt.tools.includes(filter.tool)) &&
      (filter.source === '' || sourceOf(run) === filter.source) &&
      (Number.isNaN(least) || run.receipt.costMicroUsd >= least) &&
      (filter.ticket === '' || String(run.ticketId) === filter.ticket),
  );
}

function ticketOf({ ticketId }: ReasonRunRow): string | null {
  return ticketId === null ? null : `#${ticketId}`;
}

/** What a facet offers: each value that occurs, by name. */
export function valuesOf(
  runs: readonly ReasonRunRow[],
  of: (run: ReasonRunRow) => readonly (string | null)[],
): { readonly value: string; readonly title: string }[] {
  const found = new Set(runs.flatMap(of).filter((value) => value !== null));
  return [...found].sort().map((value) => ({ value, title: value.replaceAll('_', ' ') }));
}

/** The runs before and after one in a list, which is newest first. Null: there is none, or it is not in the list. */
export function neighbours(
  runs: readonly ReasonRunRow[],
  runId: string,
): { readonly newer: string | null; readonly older: string | null } {
  const at = runs.findIndex((run) => run.runId === runId);
  if (at === -1) return { newer: null, older: null };
  return { newer: runs[at - 1]?.runId ?? null, older: runs[at + 1]?.runId ?? null };
}

/** The path of the list: what the runtime filters itself is asked of it, so that more fits into one answer. */
export function runsPath(
  { ticket, outcome }: Pick<RunFilter, 'ticket' | 'outcome'>,
  before?: string,
): string {
  const query = new URLSearchParams({ limit: String(runsAtOnce) });
  if (/^\d+$/.test(ticket)) query.set('ticketId', ticket);
  if (outcomes.includes(outcome)) query.set('status', outcome);
  if (before !== undefined) query.set('before', before);
  return `/api/reason/runs?${query.toString()}`;
}

export const outcomes: readonly string[] = ['open', 'answered', 'incomplete', 'refused', 'failed'];
export const runsAtOnce = 200;

import { refusalsFor } from './admission/index.ts';
import type { RefusalCount } from './admission/index.ts';
import type { shape } from './http/index.ts';
import { listIncidents } from './probe/index.ts';
import { outcomesBy, outcomeScopes } from './reason/index.ts';
import type { OutcomeSlice } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { mostSlices, sliceScopes, spendBy, usdOf } from './spend/index.ts';
import type { SpendSlice, SpendStanding } from './spend/index.ts';
import { ticketsByKey } from './ticket/index.ts';

type FigureRooms = Pick<Rooms, 'database' | 'workspace'>;
type Slices = NonNullable<shape.Spend['slices']>;

export interface SlicesWanted {
  readonly by: Slices['by'];
  readonly windowMs?: number | undefined;
}

const dayMs = 86_400_000;

/** Why the door says no to what costs. */
const budgetCauses = ['budget_spent', 'budget_paced', 'budget_unknown', 'cost_hold'] as const;

/** What was refused for want of money, or to keep the pace, in the last 24 hours. */
export function budgetRefusals({ database, workspace }: FigureRooms): Promise<RefusalCount[]> {
  return refusalsFor(database, workspace.workspaceId, { causes: budgetCauses, windowMs: dayMs });
}

/** What was spent, told apart, with what questions came to of it where they can be told apart so too. */
export async function slicesOf(
  rooms: FigureRooms,
  { by, windowMs }: SlicesWanted,
  { now, nowMs }: { readonly now: SpendStanding; readonly nowMs: number },
): Promise<Slices['rows']> {
  const { database, workspace } = rooms;
  const since = windowMs === undefined ? `${now.period}T00:00:00Z` : new Date(nowMs - windowMs).toISOString();
  const scope = outcomeScopes.find((each) => each === by);
  const outcomes =
    scope === undefined ? [] : await outcomesBy(database, workspace.workspaceId, { by: scope, since });
  if (by === 'outcome') return outcomes.map(outcomeRow);
  if (by === 'incident') return incidentRows(rooms, windowMs);
  const known = sliceScopes.find((each) => each === by) ?? 'route';
  const slices = await spendBy(database, workspace.workspaceId, { by: known, windowMs });
  const byKey = new Map(outcomes.map((each) => [each.key, each]));
  return slices.map((slice) => rowOf(slice, byKey.get(slice.key)));
}

function rowOf(
  { spentMicroUsd, ...slice }: SpendSlice,
  outcome: OutcomeSlice | undefined,
): Slices['rows'][number] {
  return { ...slice, spentUsd: usdOf(spentMicroUsd), questions: questionsOf(outcome) };
}

function questionsOf(outcome: OutcomeSlice | undefined): Slices['rows'][number]['questions'] {
  if (outcome === undefined) return null;
  const { asked, escalated, answered } = outcome;
  return { asked, escalated, answered };
}

function outcomeRow(outcome: OutcomeSlice): Slices['rows'][number] {
  const {
    asked: _asked,
    escalated: _escalated,
    answered: _answered,
    costMicroUsd,
    estimated,
    ...counts
  } = outcome;
  return {
    ...counts,
    estimatedCalls: estimated,
    spentUsd: usdOf(costMicroUsd),
    questions: questionsOf(outcome),
  };
}

/** The tickets that look into an incident are known by what woke it; what is in none's name is told together. */
async function incidentRows(rooms: FigureRooms, windowMs: number | undefined): Promise<Slices['rows']> {
  const { database, workspace } = rooms;
  const { workspaceId } = workspace;
  const [slices, incidents] = await Promise.all([
    spendBy(database, workspaceId, { by: 'ticket', windowMs }),
    listIncidents(database, workspaceId, { limit: mostSlices }),
  ]);
  const tickets = await ticketsByKey(
    database,
    workspaceId,
    incidents.map(({ wakeId }) => wakeId),
  );
  const incidentOf = new Map<string, string>();
  for (const { incidentId, wakeId } of incidents) {
    const ticketId = tickets.get(wakeId);
    if (ticketId !== undefined) incidentOf.set(String(ticketId), String(incidentId));
  }
  const rows = new Map<string, SpendSlice>();
  for (const slice of slices) {
    const key = incidentOf.get(slice.key) ?? (slice.key === 'reconciled' ? slice.key : 'none');
    rows.set(key, sumOf(rows.get(key), { ...slice, key }));
  }
  return [...rows.values()]
    .sort((a, b) => b.spentMicroUsd - a.spentMicroUsd)
    .map((slice) => rowOf(slice, undefined));
}

function sumOf(one: SpendSlice | undefined, other: SpendSlice): SpendSlice {
  if (one === undefined) return other;
  return {
    key: one.key,
    calls: one.calls + other.calls,
    estimatedCalls: one.estimatedCalls + other.estimatedCalls,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    spentMicroUsd: one.spentMicroUsd + other.spentMicroUsd,
  };
}

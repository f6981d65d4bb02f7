import { createHash } from 'node:crypto';
import type {
  ChangePlace,
  HistoryLook,
  HistoryPage,
  HistoryQuery,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
  PromotionContext,
} from '@kora/runtime/plugin';

/** What happened, as a test says it. */
export interface Happened {
  readonly questions?: readonly PastQuestion[];
  readonly toolCalls?: readonly PastToolCall[];
  readonly incidents?: readonly PastIncident[];
  readonly attempts?: readonly PastAttempt[];
  readonly events?: readonly PastEvent[];
  readonly places?: Readonly<Record<string, readonly ChangePlace[]>>;
}

const monthStart: number = Date.parse('2026-10-01T00:00:00Z');

/** A look at 30 days that begin with October, or at a part of them. */
export function lookAt(
  part: HistoryLook['part'],
  { fromDay = 0, days = 30 }: { readonly fromDay?: number; readonly days?: number } = {},
): HistoryLook {
  return { lookId: part, since: momentOf(fromDay), until: momentOf(fromDay + days), part };
}

/** ISO 8601, so many days after the beginning of October. */
export function momentOf(days: number): string {
  return new Date(monthStart + days * 86_400_000).toISOString();
}

/** The past in memory, split as the runtime splits it: by the run, by the incident, by what an event is told apart by. */
export function pastOf(happened: Happened): PromotionContext {
  const { questions = [], toolCalls = [], incidents = [], attempts = [], events = [] } = happened;
  return {
    places: (kind) => Promise.resolve(happened.places?.[kind] ?? []),
    history: {
      questions: (query) =>
        page(
          query.runs === undefined ? questions : questions.filter(({ runId }) => query.runs?.includes(runId)),
          query,
          { at: ({ at }) => at, id: ({ runId }) => runId },
        ),
      toolCalls: (query) => page(toolCalls, query, { at: ({ at }) => at, id: ({ runId }) => runId }),
      incidents: (query) =>
        page(incidents, query, { at: ({ openedAt }) => openedAt, id: ({ incidentId }) => `${incidentId}` }),
      attempts: (query) =>
        page(attempts, query, {
          at: ({ at }) => at,
          id: ({ incidentId, attemptId }) => `${incidentId ?? attemptId}`,
        }),
      events: (query) =>
        page(
          events.filter(({ type }) => query.types.includes(type)),
          query,
          {
            at: ({ at }) => at,
            id: ({ seq, payload }) =>
              query.splitBy === undefined ? `${seq}` : (splitOf(payload[query.splitBy]) ?? `${seq}`),
          },
        ),
    },
  };
}

function splitOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : undefined;
}

function page<Row>(
  rows: readonly Row[],
  { look, after, limit = 1_000 }: HistoryQuery,
  of: { readonly at: (row: Row) => string; readonly id: (row: Row) => string },
): Promise<HistoryPage<Row>> {
  const from = Number(after ?? 0);
  const within = rows.slice(from, from + limit).filter((row) => {
    const at = of.at(row);
    if (at < look.since || at >= look.until) return false;
    return look.part === 'all' || isHeldOut(of.id(row)) === (look.part === 'held_out');
  });
  const next = from + limit < rows.length ? `${from + limit}` : null;
  return Promise.resolve({ rows: within, next });
}

const known = new Map<string, boolean>();

function isHeldOut(id: string): boolean {
  const answer = known.get(id) ?? createHash('sha256').update(id).digest().readUInt32BE(0) % 5 === 0;
  if (known.size < 100_000) known.set(id, answer);
  return answer;
}

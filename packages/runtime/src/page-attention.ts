import { z } from 'zod';
import { alertAnswers } from './alert-answers.ts';
import type { AnswerOptions } from './answers.ts';
import { mostEnded } from './http/index.ts';
import type { House } from './http/index.ts';
import { ticketSamples } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { countEnded } from './ticket/index.ts';

type Page = House['page'];
type Item = Awaited<ReturnType<Page['attention']>>['items'][number];
type AlertRow = Awaited<ReturnType<House['alerts']>>['alerts'][number];

/** Of each kind at most so many: what is further down nobody reads. */
const most = 100;
/** Milliseconds that a channel may take before it is said that nobody was told. */
const toldWithinMs = 120_000;

/** What waits for the operator beside what the other lists have, and how full the lanes were in the last day. */
export function attentionReads({ ground, rooms }: AnswerOptions): Pick<Page, 'attention' | 'laneHistory'> {
  const { clock, home } = ground;
  const { alerts } = alertAnswers(ground, rooms);
  return {
    attention: async () => {
      const [active, proposals, lastClearedAt] = await Promise.all([
        alerts({ status: 'active', limit: most }),
        rooms.promotion.list({ decision: 'pending', limit: most }),
        lastCleared(rooms),
      ]);
      // The verifier that follows the seals does not look back: what a boot or the operator's pass found counts too.
      const damage = rooms.verifier.status().damage ?? rooms.chain.broken;
      const told = { now: clock.now(), runtimeId: home.runtimeId, damaged: damage !== null };
      const broken: Item[] =
        damage === null
          ? []
          : [
              {
                what: 'chain',
                id: damage.firstBadSeq ?? 0,
                severity: 'critical',
                title: `The event chain is broken at #${damage.firstBadSeq ?? 'unknown'}`,
                detail: damage.detail ?? damage.problem ?? null,
                since: null,
                taken: false,
                thread: null,
              },
            ];
      return {
        items: [
          ...broken,
          ...active.alerts.flatMap((alert) => [...untold(alert, told), ...standing(alert, told)]),
          ...proposals.map(
            (row): Item => ({
              what: 'proposal',
              id: row.id,
              severity: row.risk === 'high' ? 'warning' : 'info',
              title: row.title,
              detail: row.why,
              since: row.proposedAt,
              taken: false,
              thread: null,
            }),
          ),
        ],
        lastClearedAt,
      };
    },
    laneHistory: () => laneHistory(rooms),
  };
}

interface Telling {
  readonly now: number;
  readonly runtimeId: string;
  readonly damaged: boolean;
}

/** These have a line of their own among what needs the operator, which says more. */
const saidElsewhere: ReadonlySet<string> = new Set(['paused', 'stopped', 'unhealthy_service']);

function standing(alert: AlertRow, { now, runtimeId, damaged }: Telling): Item[] {
  const { source, owner } = alert;
  const ownDaemon = source === 'daemon' && (owner === null || owner === runtimeId);
  if (saidElsewhere.has(source) || ownDaemon || (source === 'chain' && damaged)) return [];
  const { snoozedUntil, acknowledgedAt } = alert;
  const isSnoozed = snoozedUntil !== null && Date.parse(snoozedUntil) > now;
  return [{ ...lineOf(alert), what: 'alert', taken: acknowledgedAt !== null || isSnoozed }];
}

/** It was to be told, by itself or as an incident, and nothing that reaches the operator has taken it. */
function untold(alert: AlertRow, { now }: Telling): Item[] {
  const { toldAt, heardAt, acknowledgedAt, tellings, title } = alert;
  const [last] = tellings;
  const saidAt = last?.saidAt ?? toldAt;
  if (saidAt === null || heardAt !== null || acknowledgedAt !== null) return [];
  if (last !== undefined && last.receipt !== null) return [];
  const error = last?.error ?? null;
  if (error === null && now - Date.parse(saidAt) < toldWithinMs) return [];
  const why = error ?? 'no channel has taken it';
  return [
    {
      ...lineOf(alert),
      what: 'untold',
      severity: 'critical',
      title: `You were not told: ${title}`,
      detail: last === undefined ? why : `${last.channel}: ${why}`,
      since: saidAt,
      taken: false,
    },
  ];
}

function lineOf({ alertId, severity, title, detail, since, thread }: AlertRow): Omit<Item, 'what' | 'taken'> {
  return { id: alertId, severity, title, detail, since, thread };
}

/** With each of these something ceases to wait for the operator. */
const clearing: readonly string[] = [
  'kora.hold.cleared',
  'kora.approval.approved',
  'kora.approval.refused',
  'kora.approval.expired',
  'decision.answered',
  'decision.ended',
  'promotion.approved',
  'promotion.rejected',
  'promotion.expired',
  'promotion.superseded',
  'probe.incident_resolved',
  'probe.incident_acknowledged',
  'probe.incident_silenced',
  'alert.acknowledged',
  'alert.resolved',
  'alert.snoozed',
];
/** Of these only what was done to a ticket that had waited. */
const byOperator = 'sea_ticket.operator_action';

async function lastCleared({ chain }: Rooms): Promise<string | null> {
  const [cleared, acted] = await Promise.all([
    chain.newest({ types: clearing, limit: 1 }),
    chain.newest({ types: [byOperator], limit: 20 }),
  ]);
  const unblocked = acted.find(({ payload }) => payload['action'] === 'unblock');
  const newest = [...cleared, ...(unblocked === undefined ? [] : [unblocked])]
    .map(({ occurredAt }) => occurredAt)
    .toSorted((one, other) => Date.parse(other) - Date.parse(one));
  return newest[0] ?? null;
}

const counted = z.object({
  in_progress: z.number(),
  queued: z.number(),
  deferred: z.number(),
  failed_or_blocked: z.number(),
});
const unknown = { in_progress: null, queued: null, deferred: null, failed_or_blocked: null };

/** From the snapshots that are kept for a day: what was counted then, and null where nobody counted. */
async function laneHistory({ database, workspace }: Rooms): ReturnType<Page['laneHistory']> {
  const { workspaceId } = workspace;
  const samples = await ticketSamples(database, workspaceId);
  const ends = samples.map(({ at }) => at);
  const ended = await countEnded(database, workspaceId, { ends, most: mostEnded });
  return samples.map(({ at, tickets }, place) => {
    const read = counted.safeParse(tickets);
    return { at, ...(read.success ? read.data : unknown), ended: ended[place] ?? null };
  });
}

import { acknowledgeIn, alertStandings, listAlerts, snoozeIn } from './alert/index.ts';
import type { AlertState, AlertView, SaidOptions } from './alert/index.ts';
import { alertRoutes } from './alert-routes.ts';
import { codeOf } from './store/index.ts';
import type { Transaction } from './store/index.ts';
import type { Ground } from './ground.ts';
import { incidentDeeds } from './incident-deeds.ts';
import { askDecision, toldOf } from './message/index.ts';
import type { Decider, Ended, NewMessage } from './message/index.ts';
import { findIncident } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type Around = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'delivery' | 'apply'>;

/** How long what is critical waits to be acknowledged: as long as it goes on; a month is that. */
const askedMs = 30 * 86_400_000;
/** `deny` of something that goes on: quiet for so long. */
const laterMs = 3_600_000;

/** What the operator says of alerts is written and told with these. */
export function alertSaying(ground: Ground, around: Around): SaidOptions {
  const { database, workspace, chain, delivery, apply } = around;
  const { workspaceId } = workspace;
  return {
    database,
    workspaceId,
    stage: chain.stage.bind(chain),
    tell: (tx, message) => apply(tx, { messages: [message] }),
    told: (db, of) => toldOf(db, workspaceId, of),
    policy: () => alertRoutes(ground, delivery),
    eventId: () => ground.clock.uuid(),
  };
}

/** Has what is critical wait where all decisions do: of an incident as the incident. */
export function askKnown(
  { clock }: Pick<Ground, 'clock'>,
  { workspace, chain }: Pick<Rooms, 'workspace' | 'chain'>,
): (
  tx: Transaction,
  about: Pick<AlertState, 'alertId' | 'incidentId' | 'title'>,
  keys: readonly string[],
) => Promise<void> {
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  return async (tx, { alertId, incidentId, title }, messages) => {
    const subject = incidentId === null ? `alert ${alertId}` : `incident ${incidentId}`;
    await askDecision(tx, context, {
      kind: incidentId === null ? 'alert' : 'incident',
      subject: String(incidentId ?? alertId),
      asker: 'kora',
      title: `${subject}: ${title}. Do you know of it? (deny: quiet for an hour)`,
      expiresAt: new Date(clock.now() + askedMs),
      messages,
    });
  };
}

/** An answer about what is wrong: approve acknowledges it, deny wants quiet for an hour; either ends the reminders. */
export function alertDeciders(ground: Ground, around: Around): readonly Decider[] {
  return [alerts(ground, around), incidents(ground, around)];
}

function alerts(ground: Ground, around: Around): Decider {
  const { database, workspace } = around;
  const options = alertSaying(ground, around);
  return {
    kind: 'alert',
    decide: async ({ subject, verdict, by, reason, via }, marked) => {
      const said = { alertId: Number(subject), by, reason, via, now: ground.clock.now() };
      const deed = async (tx: Transaction): Promise<void> => {
        try {
          if (verdict === 'approve') await acknowledgeIn(tx, options, said);
          else await snoozeIn(tx, options, { ...said, forMs: laterMs });
        } catch (error) {
          // It ended by itself, and there is nothing left to say of it.
          if (codeOf(error) !== 'KORA_ALERT_OVER') throw error;
        }
      };
      await database.transaction((tx) => marked(tx, () => deed(tx)));
    },
    ended: async (subjects) => {
      const now = ground.clock.now();
      const found = await alertStandings(database, workspace.workspaceId, subjects.map(Number));
      const seen = new Map(found.map((alert) => [String(alert.alertId), alert]));
      return subjects.flatMap((subject) => {
        const alert = seen.get(subject);
        if (alert === undefined || alert.status === 'resolved')
          return [{ subject, status: 'withdrawn' as const }];
        const isQuiet = alert.snoozedUntil !== null && alert.snoozedUntil > now;
        return said(subject, alert.acknowledgedAt !== null, isQuiet, alert.acknowledgedBy);
      });
    },
  };
}

function incidents(ground: Ground, around: Around): Decider {
  const { database, workspace } = around;
  const deeds = incidentDeeds(ground, around);
  return {
    kind: 'incident',
    decide: async ({ subject, verdict, by, reason, via }, marked) => {
      const word = { incidentId: Number(subject), by, reason, via };
      const deed = async (tx: Transaction): Promise<void> => {
        try {
          if (verdict === 'approve') await deeds.acknowledge(tx, word);
          else await deeds.silence(tx, { ...word, forMs: laterMs });
        } catch (error) {
          if (codeOf(error) !== 'KORA_INCIDENT_RESOLVED') throw error;
        }
      };
      await database.transaction((tx) => marked(tx, () => deed(tx)));
    },
    ended: async (subjects) => {
      const now = ground.clock.now();
      const ends = subjects.map(async (subject): Promise<readonly Ended[]> => {
        const incident = await findIncident(database, workspace.workspaceId, Number(subject));
        if (incident.status === 'resolved') return [{ subject, status: 'withdrawn' }];
        const isQuiet = incident.silencedUntil !== null && Date.parse(incident.silencedUntil) > now;
        return said(subject, incident.acknowledgedAt !== null, isQuiet, operatorActor);
      });
      return (await Promise.all(ends)).flat();
    },
  };
}

function said(subject: string, isKnown: boolean, isQuiet: boolean, by: string | null): readonly Ended[] {
  if (!isKnown && !isQuiet) return [];
  return [{ subject, status: 'answered', verdict: isKnown ? 'approve' : 'deny', by: by ?? operatorActor }];
}

/** Who first tells of an incident: with the channels that hear of what is critical besides, and asking to be acknowledged. */
export function incidentTeller(
  ground: Ground,
  around: Pick<Rooms, 'workspace' | 'chain' | 'delivery' | 'apply'>,
): (tx: Transaction, message: NewMessage) => Promise<void> {
  const { workspace, delivery, apply } = around;
  const ask = askKnown(ground, around);
  return async (tx, message) => {
    const { also } = alertRoutes(ground, delivery);
    const isCritical = message.severity === 'critical';
    const heard =
      isCritical || also.length === 0
        ? []
        : (await toldOf(tx, workspace.workspaceId, { threads: [message.thread] })).map(
            ({ channel }) => channel,
          );
    const copies = also
      .filter((channel) => isCritical || heard.includes(channel))
      .map((channel) => ({ ...message, key: `${message.key}:also:${channel}`, channel, fallback: [] }));
    await apply(tx, { messages: [message, ...copies] });
    const [, incident] = /^incident:(\d+)$/.exec(message.thread) ?? [];
    if (!isCritical || incident === undefined) return;
    const keys = [message.key, ...copies.map(({ key }) => key)];
    await ask(tx, { alertId: 0, incidentId: Number(incident), title: message.title }, keys);
  };
}

export interface SaidKnown {
  readonly channel: string;
  readonly conversation: string;
  /** The number of an alert that was named, or none. */
  readonly alertId: number | null;
  /** What was written behind it. */
  readonly why: string | null;
}

/**
 * `ack` as an answer to an alert, over whichever channel. Answers a line for whoever wrote it; undefined where what was written
 * behind it says nothing of an alert, and neither does its thread.
 */
export function acknowledgeByReply(
  ground: Ground,
  around: Around,
): (said: SaidKnown) => Promise<string | undefined> {
  const { database, workspace } = around;
  const options = alertSaying(ground, around);
  const deeds = incidentDeeds(ground, around);
  return async ({ channel, conversation, alertId, why }) => {
    const all = await listAlerts(database, workspace.workspaceId, { status: 'active', limit: 100 }, options);
    const told = all.filter(({ tellings, acknowledgedAt }) => tellings.length > 0 && acknowledgedAt === null);
    const meant = meantBy(told, { channel, conversation, alertId, why }, all);
    if (meant === undefined || typeof meant === 'string') return meant;
    const word = { by: operatorActor, reason: why ?? `acknowledged over ${channel}`, via: channel };
    await database.transaction(async (tx) => {
      for (const alert of meant) {
        await acknowledgeIn(tx, options, { ...word, alertId: alert.alertId, now: ground.clock.now() });
        if (alert.incidentId !== null) await deeds.acknowledge(tx, { ...word, incidentId: alert.incidentId });
      }
    });
    return meant.map(({ title }) => `Known: ${title}. Nobody is reminded of it any more.`).join('\n');
  };
}

/** Which alerts an `ack` means: the named one, those of the thread that it answers, or the only one there is. */
function meantBy(
  told: readonly AlertView[],
  { channel, conversation, alertId, why }: SaidKnown,
  all: readonly AlertView[],
): readonly AlertView[] | string | undefined {
  if (alertId !== null) {
    const named = all.filter((alert) => alert.alertId === alertId);
    return named.length > 0 ? named : `There is no alert ${alertId} that goes on.`;
  }
  const here = all.filter(({ tellings }) =>
    tellings.some((each) => each.channel === channel && isOf(conversation, each.receipt)),
  );
  const waits = here.filter(({ acknowledgedAt }) => acknowledgedAt === null);
  if (waits.length > 0) return waits;
  if (here.length > 0) return 'That is known already: nobody is reminded of it.';
  if (why !== null) return undefined;
  if (told.length === 1) return told;
  if (told.length === 0) return 'Nothing waits to be acknowledged.';
  const lines = told.map((alert) => `ack ${alert.alertId}   ${alert.title}`);
  return ['Which one? Answer in its thread, or with its number:', ...lines].join('\n');
}

/** Whether a conversation is the one that a message began, as its provider names both. */
function isOf(conversation: string, receipt: string | null): boolean {
  const plain = (id: string): string => id.replaceAll(/[<>]/g, '').replaceAll('/', ':');
  return receipt !== null && plain(receipt) === plain(conversation);
}

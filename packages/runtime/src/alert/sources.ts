import type { AlertCondition, AlertSource } from './contract.ts';
import type { AlertFacts, AlertReads } from './facts.ts';
import { counted } from './words.ts';

/** What a source judges by. */
export interface Judging {
  readonly now: number;
  /** Of this runtime. */
  readonly owner: string;
  readonly thresholds: {
    readonly deadLetters: number;
    readonly capabilityDenials: number;
    readonly reasoningErrors: number;
    readonly failedReplies: number;
  };
}

interface Source<Fact> {
  /** Whose conditions the judgement is about: what it does not name is not there. */
  readonly sources: readonly AlertSource[];
  judge(fact: Fact, judging: Judging): readonly AlertCondition[];
}

type Sources = { readonly [Name in keyof AlertFacts]: Source<AlertFacts[Name]> };

/** Each fact with what is wrong about it: no clock, no store, nothing but what was read. */
export const alertJudges: Sources = {
  spend: { sources: ['cost_ladder'], judge: judgeSpend },
  state: { sources: ['paused', 'stopped', 'chain'], judge: judgeState },
  deadLetters: { sources: ['dead_letters'], judge: judgeDeadLetters },
  capabilityDenials: { sources: ['capability_denials'], judge: judgeDenials },
  reasoningErrors: { sources: ['reasoning_errors'], judge: judgeReasoning },
  failedReplies: { sources: ['failed_replies'], judge: judgeReplies },
  incidents: { sources: ['unhealthy_service'], judge: judgeIncidents },
  daemons: { sources: ['daemon'], judge: judgeDaemons },
  plugins: { sources: ['plugin'], judge: judgePlugins },
  lateTasks: { sources: ['overdue_task'], judge: judgeTasks },
  refused: { sources: ['channel'], judge: judgeChannels },
  mute: { sources: ['reach'], judge: judgeReach },
  canary: { sources: ['canary'], judge: judgeCanary },
  ping: { sources: ['dead_man'], judge: judgePing },
};

/** Reads one fact and judges it. Throws what reading it throws. */
export async function judgeFrom<Name extends keyof AlertFacts>(
  name: Name,
  reads: Pick<AlertReads, Name>,
  judging: Judging,
): Promise<readonly AlertCondition[]> {
  return alertJudges[name].judge(await reads[name](), judging);
}

type Found = Pick<AlertCondition, 'source' | 'key' | 'category' | 'severity' | 'title' | 'detail' | 'next'> &
  Partial<AlertCondition>;

function condition(found: Found): AlertCondition {
  return {
    owner: null,
    toldIn: null,
    incidentId: null,
    known: null,
    quiet: null,
    wakes: found.severity !== 'info',
    ...found,
  };
}

const rungAlerts = [
  { rung: 'warn_75', key: 'warned', severity: 'warning', says: '75 % of the pool is spent' },
  { rung: 'downshift_90', key: 'downshifted', severity: 'warning', says: '90 % of the pool is spent' },
  { rung: 'hard_stop_100', key: 'halted', severity: 'critical', says: 'The pool is spent' },
] as const;

/** A rung stays reached while a higher one is: what is worse is no end of what was bad. */
function judgeSpend(spend: AlertFacts['spend']): AlertCondition[] {
  if (spend === null) return [];
  const reached = rungAlerts.findIndex(({ rung }) => rung === spend.rung);
  return rungAlerts.slice(0, reached + 1).map(({ key, severity, says }) =>
    condition({
      source: 'cost_ladder',
      key,
      category: 'cost_ladder',
      severity,
      title: says,
      detail: `$${spend.spentUsd.toFixed(2)} of $${spend.poolUsd.toFixed(2)} this month; the rung is ${spend.rung}.`,
      next: 'see where it goes: kora cost',
    }),
  );
}

/** The hold of a spent pool is the ladder's story, that of a damaged log is the chain's. */
function judgeState({
  holds,
  stopLevel,
  stopReason,
  stopKnown,
  damage,
}: AlertFacts['state']): AlertCondition[] {
  const found: AlertCondition[] = [];
  const stated = { category: 'operational_state', severity: 'critical', wakes: false } as const;
  for (const cause of ['operator', 'dr']) {
    const [hold] = holds.filter((each) => each.cause === cause);
    if (hold === undefined) continue;
    const title = cause === 'operator' ? 'Kora is paused' : 'Kora is on hold: the store is in another life';
    const next = cause === 'operator' ? 'kora resume --reason done' : 'see what was restored: kora boot';
    const all = holds.filter((each) => each.cause === cause);
    const known = all.every((each) => (each.known ?? null) !== null)
      ? knownSince(hold.since, hold.known ?? '')
      : null;
    found.push(
      condition({ ...stated, source: 'paused', key: cause, title, detail: hold.reason, next, known }),
    );
  }
  if (stopLevel > 0) {
    const detail = stopReason === null ? 'Nothing new is claimed.' : `Nothing new is claimed: ${stopReason}`;
    const next = 'kora resume --reason done';
    const title = `Kora is stopped, level L${stopLevel}`;
    const known = stopKnown ? knownSince(stopKnown.since, stopKnown.why) : null;
    found.push(condition({ ...stated, source: 'stopped', key: `L${stopLevel}`, title, detail, next, known }));
  }
  const frozen = holds.find(({ cause }) => cause === 'chain');
  if (damage !== null || frozen !== undefined)
    found.push(
      condition({
        source: 'chain',
        key: 'verification',
        category: 'chain',
        severity: 'critical',
        title: 'The event log does not prove',
        detail: frozen?.reason ?? damage ?? '',
        next: 'kora event verify',
      }),
    );
  return found;
}

/** Whoever did it need not be asked whether they know of it. */
function knownSince(since: string, reason: string): AlertCondition['known'] {
  return { at: Date.parse(since), by: 'operator', reason };
}

function judgeDeadLetters(count: number, { thresholds }: Judging): AlertCondition[] {
  if (count <= thresholds.deadLetters) return [];
  return [
    condition({
      source: 'dead_letters',
      key: '24h',
      category: 'dead_letter',
      severity: 'warning',
      title: `${count} webhooks could not be taken within a day`,
      detail: 'They were forged, too old, too large or malformed.',
      next: 'kora webhook list',
    }),
  ];
}

function judgeDenials(
  { count, most }: AlertFacts['capabilityDenials'],
  { thresholds }: Judging,
): AlertCondition[] {
  if (count <= thresholds.capabilityDenials) return [];
  return [
    condition({
      source: 'capability_denials',
      key: '24h',
      category: 'capability_denied',
      severity: 'info',
      title: `${count} calls without leave were refused within a day`,
      detail: most === null ? '' : `Most of them asked by ${most}.`,
      next: 'kora capability list',
    }),
  ];
}

function judgeReasoning(
  { runs, tools }: AlertFacts['reasoningErrors'],
  { thresholds }: Judging,
): AlertCondition[] {
  if (runs + tools <= thresholds.reasoningErrors) return [];
  return [
    condition({
      source: 'reasoning_errors',
      key: '24h',
      category: 'reasoning',
      severity: 'warning',
      title: `${runs + tools} errors in thinking within a day`,
      detail: `${counted(runs, 'run')} failed, ${counted(tools, 'tool call')} broke.`,
      next: 'kora reason list',
    }),
  ];
}

function judgeReplies(count: number, { thresholds }: Judging): AlertCondition[] {
  if (count <= thresholds.failedReplies) return [];
  return [
    condition({
      source: 'failed_replies',
      key: '24h',
      category: 'reply',
      severity: 'warning',
      title: `${count} messages were refused by their channel within a day`,
      detail: 'They arrived late, or on another channel.',
      next: 'kora inbox',
    }),
  ];
}

/** Told and investigated as incidents: here they are only waited for, and reminded of. */
function judgeIncidents(incidents: AlertFacts['incidents'], { now }: Judging): AlertCondition[] {
  return incidents.flatMap((incident) => {
    const { incidentId, probe, severity, title, detail, acknowledgedAt, silencedUntil, silenceReason } =
      incident;
    // What is for information is told in its own thread, and nobody is reminded of it.
    if (severity === 'info') return [];
    const until = silencedUntil === null ? 0 : Date.parse(silencedUntil);
    const known =
      acknowledgedAt === null
        ? null
        : { at: Date.parse(acknowledgedAt), by: 'operator', reason: 'the incident is acknowledged' };
    // No acknowledgement: who wanted quiet for an hour is to be reminded after it.
    const quiet = until > now ? { until, reason: silenceReason ?? 'the incident is silenced' } : null;
    return [
      condition({
        source: 'unhealthy_service',
        key: `incident:${incidentId}`,
        category: 'service_unhealthy',
        severity,
        title: `${probe}: ${title}`,
        detail,
        next: `kora incident show ${incidentId}`,
        toldIn: `incident:${incidentId}`,
        incidentId,
        known,
        quiet,
        wakes: false,
      }),
    ];
  });
}

/** Whoever watches daemons tells of them; here they are waited for. */
function judgeDaemons(daemons: AlertFacts['daemons'], { owner }: Judging): AlertCondition[] {
  return daemons.flatMap(({ name, state, error }) => {
    if (state !== 'failed' && state !== 'quarantined') return [];
    return [
      condition({
        source: 'daemon',
        key: name,
        owner,
        category: 'daemon',
        severity: state === 'quarantined' ? 'critical' : 'warning',
        title: state === 'quarantined' ? `Daemon ${name} is quarantined` : `Daemon ${name} did not start`,
        detail: error ?? '',
        next: `kora daemon restart ${name} --reason 'try again'`,
        toldIn: `daemon:${name}`,
      }),
    ];
  });
}

/** One that is degraded by a daemon of its own is that daemon's story, and not in the facts. */
const badPlugins: Readonly<Record<string, 'critical' | 'warning'>> = {
  quarantined: 'critical',
  degraded: 'warning',
  incompatible: 'warning',
};

function judgePlugins(plugins: AlertFacts['plugins'], { owner }: Judging): AlertCondition[] {
  return plugins.flatMap(({ id, state, reason, fix }) => {
    const severity = badPlugins[state];
    if (severity === undefined) return [];
    return [
      condition({
        source: 'plugin',
        key: id,
        owner,
        category: 'plugin',
        severity,
        title: `Plugin ${id} is ${state}`,
        detail: reason ?? '',
        next: fix ?? `kora plugin why ${id}`,
      }),
    ];
  });
}

function judgeTasks(tasks: AlertFacts['lateTasks'], { owner }: Judging): AlertCondition[] {
  return tasks.map((task) =>
    condition({
      source: 'overdue_task',
      key: task.name,
      owner: task.owner === 'fleet' ? null : owner,
      category: 'schedule',
      severity: 'warning',
      title: `Task ${task.name} is overdue`,
      detail: `It was due at ${task.dueAt} and has not run.`,
      next: `kora task show ${task.name}`,
    }),
  );
}

function judgeChannels(refused: AlertFacts['refused']): AlertCondition[] {
  const byChannel = new Map<string, { count: number; error: string }>();
  for (const { channel, error } of refused)
    byChannel.set(channel, { count: (byChannel.get(channel)?.count ?? 0) + 1, error });
  return [...byChannel].map(([channel, { count, error }]) =>
    condition({
      source: 'channel',
      key: channel,
      category: 'channel',
      severity: 'warning',
      title: `Channel ${channel} does not deliver`,
      detail: `${counted(count, 'message')} refused again and again, the last: ${error}`,
      next: `kora channel check ${channel}`,
    }),
  );
}

/** Nobody outside hears anything: it stands here, and the sign of life stays away. */
function judgeReach(mute: AlertFacts['mute']): AlertCondition[] {
  if (mute === null) return [];
  const since = mute.since === null ? '' : ` since ${mute.since}`;
  return [
    condition({
      source: 'reach',
      key: 'all',
      category: 'channel',
      severity: 'critical',
      title: 'You are reached over no channel but the inbox',
      detail: `${mute.channels.join(', ')} ${mute.channels.length === 1 ? 'does' : 'do'} not deliver${since}.`,
      next: 'kora channel list',
      wakes: false,
    }),
  ];
}

/** The canary tells of itself, past the loop that may be dead. */
function judgeCanary(canary: AlertFacts['canary']): AlertCondition[] {
  if (canary === null) return [];
  return [
    condition({
      source: 'canary',
      key: 'daily',
      category: 'canary',
      severity: 'critical',
      title: 'The canary did not come through',
      detail: `It did not reach the stage ${canary.stage}, at ${canary.at}.`,
      next: 'kora doctor',
      toldIn: 'canary',
    }),
  ];
}

const pingFailures = 3;

function judgePing(ping: AlertFacts['ping'], { owner }: Judging): AlertCondition[] {
  if (ping === null || ping.failures < pingFailures) return [];
  return [
    condition({
      source: 'dead_man',
      key: 'ping',
      owner,
      category: 'dead_man',
      severity: 'warning',
      title: 'The sign of life reaches nobody',
      detail: `${ping.place} failed ${ping.failures} times, the last: ${ping.error ?? 'unknown'}`,
      next: 'kora doctor',
    }),
  ];
}

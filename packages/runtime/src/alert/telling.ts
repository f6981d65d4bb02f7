import type { Severity } from './contract.ts';
import type { Followed } from './follow.ts';
import { inbox } from './hear.ts';
import { isWaitedFor, nextReminder, reminderRoute } from './reminders.ts';
import { byUrgency, isSnoozed, routeOf, withoutOwn } from './state.ts';
import type { AlertPolicy, AlertState } from './state.ts';
import { digestWords, escalationWords, firstWords, lateWords, resolvedWords, summaryWords } from './words.ts';

/** `late`: what only the inbox had taken, over a channel that is back. */
export type AlertMessageKind = 'alert' | 'summary' | 'digest' | 'resolved' | 'escalation' | 'late';

/** A message about alerts, before it is accepted. */
export interface AlertMessage {
  readonly kind: AlertMessageKind;
  /** Which alerts it tells of. */
  readonly alertIds: readonly number[];
  readonly key: string;
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  /** The first goes first. */
  readonly channels: readonly string[];
}

/** Until when a category is told nothing new of, in milliseconds since 1970. */
export type Cooldowns = Readonly<Record<string, number>>;

export interface Told {
  readonly alerts: readonly AlertState[];
  readonly messages: readonly AlertMessage[];
  readonly cooldowns: Cooldowns;
  /** When the last digest was made. */
  readonly digestAt: number;
}

export interface Telling {
  readonly now: number;
  readonly policy: AlertPolicy;
  readonly cooldowns: Cooldowns;
  readonly digestAt: number;
}

/** Who has to hear what now. What may not be told yet stays owed; nothing that is owed is forgotten. */
export function tell(followed: readonly Followed[], telling: Telling): Told {
  const teller = new Teller(telling, followed);
  teller.resolved(followed);
  teller.criticals();
  teller.warnings();
  teller.late();
  teller.informations();
  teller.escalations();
  return teller.told();
}

class Teller {
  readonly #telling: Telling;
  readonly #alerts: Map<number, AlertState>;
  readonly #messages: AlertMessage[] = [];
  readonly #cooldowns: Record<string, number>;
  #digestAt: number;

  constructor(telling: Telling, followed: readonly Followed[]) {
    this.#telling = telling;
    this.#alerts = new Map(followed.map(({ alert }) => [alert.alertId, alert]));
    const running = Object.entries(telling.cooldowns).filter(([, until]) => until > telling.now);
    this.#cooldowns = Object.fromEntries(running);
    this.#digestAt = telling.digestAt;
  }

  told(): Told {
    return {
      alerts: [...this.#alerts.values()],
      messages: this.#messages,
      cooldowns: this.#cooldowns,
      digestAt: this.#digestAt,
    };
  }

  /** The end of what was told. What is still owed says in its first word that it is over. */
  resolved(followed: readonly Followed[]): void {
    const { policy } = this.#telling;
    const over = followed
      .filter(({ alert, happened }) => happened === 'resolved' && endsInOwnWords(alert))
      .map(({ alert }) => alert);
    if (over.length > policy.burst) return this.#say('resolved', over, 'info', routeOfAll(over, policy));
    for (const alert of over) this.#say('resolved', [alert], 'info', routeOf(alert, policy));
  }

  /** Each alone and at once; one that comes and goes is told once in a cooldown. */
  criticals(): void {
    const { now, policy } = this.#telling;
    for (const alert of this.#owed('critical')) {
      const isRepeat = alert.toldAt !== null && alert.toldEpisode === alert.episode;
      if (isRepeat && now < (alert.toldAt ?? 0) + policy.cooldownMs) {
        this.#keep({ ...alert, owed: 'cooldown' });
        continue;
      }
      this.#tell('alert', [alert], routeOf(alert, policy));
      this.#cool(alert);
    }
  }

  /** Of a category together, of all categories when there are too many; a category that was told of lately waits. */
  warnings(): void {
    const { policy, cooldowns, now } = this.#telling;
    const owed = this.#owed('warning');
    if (policy.isQuiet) {
      for (const alert of owed) if (alert.owed !== 'quiet') this.#keep({ ...alert, owed: 'quiet' });
      return;
    }
    const waited = owed.filter((alert) => alert.owed === 'quiet');
    const due: AlertState[] = [];
    for (const alert of owed) {
      if (alert.owed === 'quiet') continue;
      // What is told in this very look cools the category for the next one.
      if ((cooldowns[alert.category] ?? 0) > now) this.#keep({ ...alert, owed: 'cooldown' });
      else due.push(alert);
    }
    // What waited for the same hour is one message, whatever it is about.
    this.#tellTogether(waited);
    if (due.length > policy.burst) this.#tellTogether(due);
    else for (const group of byCategory(due)) this.#tellTogether(group);
    for (const alert of [...waited, ...due]) this.#cool(alert);
  }

  /** What goes on and only the inbox has taken is told once more when a channel outside takes messages again. */
  late(): void {
    const { policy } = this.#telling;
    const all = [...this.#alerts.values()].sort(byUrgency).filter((alert) => this.#isLate(alert));
    const mild = all.filter(({ severity }) => severity !== 'critical');
    const groups = [...all.filter(({ severity }) => severity === 'critical').map((alert) => [alert]), mild];
    for (const group of groups) {
      const told = group.map((alert) => ({ ...alert, lateReturns: alert.returns }));
      for (const alert of told) this.#keep(alert);
      const [worst] = told;
      if (worst === undefined) continue;
      const route = routeOfAll(told, policy);
      const up = route.filter((name) => policy.up.has(name));
      this.#say('late', told, worst.severity, [...up, ...route.filter((name) => !policy.up.has(name))]);
    }
  }

  #isLate(alert: AlertState): boolean {
    const { now, policy } = this.#telling;
    const { severity, status, owed, quietSince, acknowledgedAt, heardOver, lateReturns, returns } = alert;
    const goesOn = status === 'active' && owed === null && quietSince === null;
    if (!goesOn || acknowledgedAt !== null || isSnoozed(alert, now)) return false;
    if (severity === 'info' || (severity === 'warning' && policy.isQuiet)) return false;
    if (heardOver !== inbox || lateReturns === returns) return false;
    const [first = inbox] = routeOf(alert, policy);
    // Whoever wants it in the inbox first has it there.
    return first !== inbox && routeOf(alert, policy).some((name) => policy.up.has(name));
  }

  #tellTogether(group: readonly AlertState[]): void {
    const route = routeOfAll(group, this.#telling.policy);
    if (group.length > 0) this.#tell(group.length === 1 ? 'alert' : 'summary', group, route);
  }

  /** Once a day, what is for information. */
  informations(): void {
    const { now, policy } = this.#telling;
    for (const alert of this.#owed('info'))
      if (alert.owed !== 'digest') this.#keep({ ...alert, owed: 'digest' });
    if (lastHour(now, policy.digestHour) <= this.#digestAt) return;
    this.#digestAt = now;
    const all = this.#owed('info');
    if (all.length > 0) this.#tell('digest', all, policy.digest);
  }

  /** What is critical, was told, and nobody has said to know. */
  escalations(): void {
    const { now, policy } = this.#telling;
    for (const alert of [...this.#alerts.values()].sort(byUrgency)) {
      const next = nextReminder(alert, policy);
      if (!isWaitedFor(alert, now) || next === undefined || now < next.at) continue;
      const escalated = { ...alert, escalations: alert.escalations + 1, escalatedAt: now };
      this.#keep(escalated);
      this.#say('escalation', [escalated], 'critical', reminderRoute(escalated, policy));
    }
  }

  /** Owed and not snoozed, the most urgent first. */
  #owed(severity: Severity): AlertState[] {
    const { now } = this.#telling;
    return [...this.#alerts.values()]
      .filter((alert) => alert.owed !== null && alert.severity === severity && !isSnoozed(alert, now))
      .sort(byUrgency);
  }

  #keep(alert: AlertState): void {
    this.#alerts.set(alert.alertId, alert);
  }

  #cool({ category }: AlertState): void {
    const { now, policy } = this.#telling;
    if (policy.cooldownMs > 0) this.#cooldowns[category] = now + policy.cooldownMs;
  }

  #tell(kind: AlertMessage['kind'], alerts: readonly AlertState[], channels: readonly string[]): void {
    const { now } = this.#telling;
    const told = alerts.map((alert) => ({
      ...alert,
      owed: null,
      toldAt: now,
      toldEpisode: alert.episode,
      tellings: alert.tellings + 1,
    }));
    for (const alert of told) this.#keep(alert);
    const [worst] = told;
    if (worst !== undefined) this.#say(kind, told, worst.severity, channels);
  }

  #say(
    kind: AlertMessage['kind'],
    alerts: readonly AlertState[],
    severity: Severity,
    channels: readonly string[],
  ): void {
    const { now, policy } = this.#telling;
    const [first] = alerts;
    if (first === undefined) return;
    this.#messages.push({
      kind,
      alertIds: alerts.map(({ alertId }) => alertId),
      key: keyOf(kind, alerts, first),
      thread: alerts.length === 1 && kind !== 'digest' ? first.thread : `alerts:${kind}`,
      severity,
      ...wordsOf(kind, alerts, first, { now, policy }),
      channels,
    });
    if (kind === 'escalation' || !alerts.some((alert) => alert.severity === 'critical')) return;
    const [said] = this.#messages.slice(-1);
    if (said === undefined) return;
    const besides = withoutOwn(first, policy.also).filter((name) => name !== channels[0]);
    // Each by itself: a receipt of one is none of the others.
    for (const name of besides)
      this.#messages.push({ ...said, key: `${said.key}:also:${name}`, channels: [name] });
  }
}

function wordsOf(
  kind: AlertMessage['kind'],
  alerts: readonly AlertState[],
  first: AlertState,
  { now, policy }: Pick<Telling, 'now' | 'policy'>,
): { readonly title: string; readonly body: string } {
  switch (kind) {
    case 'alert':
      return firstWords(first, now);
    case 'summary':
      return summaryWords(alerts, now);
    case 'digest':
      return digestWords(alerts, now);
    case 'resolved':
      return resolvedWords(alerts);
    case 'late':
      return lateWords(alerts, now);
    case 'escalation':
      return escalationWords(first, { now, last: first.escalations >= policy.escalation.times });
  }
}

/** The same word about the same alerts has the same key, whoever says it and how often. */
function keyOf(kind: AlertMessage['kind'], alerts: readonly AlertState[], first: AlertState): string {
  const of = `alert:${first.alertId}`;
  if (kind === 'escalation') return `${of}:${first.returns}:escalation:${first.escalations}`;
  if (kind === 'late') return `${of}:${first.returns}:late`;
  if (kind === 'resolved')
    return `${of}:${first.returns}:${alerts.length === 1 ? 'resolved' : 'all_resolved'}`;
  return `${of}:${first.tellings}:${kind}`;
}

/** Somebody was told that it began, and nobody else tells that it is over. */
function endsInOwnWords({ voice, owed, severity, incidentId, toldEpisode, episode }: AlertState): boolean {
  if (voice === 'source') return incidentId === null;
  return owed === null && severity !== 'info' && toldEpisode === episode;
}

/** The way of the first, without the channels that any of them is about, where another is left. */
function routeOfAll(
  alerts: readonly AlertState[],
  policy: Pick<AlertPolicy, 'critical' | 'warning' | 'digest'>,
): readonly string[] {
  const [first, ...rest] = alerts;
  if (first === undefined) return [inbox];
  return rest.reduce((route, alert) => withoutOwn(alert, route), routeOf(first, policy));
}

const dayMs = 86_400_000;

/** The latest instant, at or before now, at which that hour of the day began in UTC. */
export function lastHour(now: number, hour: number): number {
  const today = Math.floor(now / dayMs) * dayMs + hour * 3_600_000;
  return today <= now ? today : today - dayMs;
}

function byCategory(alerts: readonly AlertState[]): Iterable<readonly AlertState[]> {
  const groups = new Map<string, AlertState[]>();
  for (const alert of alerts) groups.set(alert.category, [...(groups.get(alert.category) ?? []), alert]);
  return groups.values();
}

import type { AlertCondition } from '../contract.ts';
import { alertSources } from '../contract.ts';
import type { Followed } from '../follow.ts';
import type { Telling } from '../hear.ts';
import { round } from '../round.ts';
import type { AlertPolicy, AlertState } from '../state.ts';
import type { AlertMessage, Cooldowns } from '../telling.ts';

export const minute = 60_000;

export const policy: AlertPolicy = {
  cooldownMs: 30 * minute,
  burst: 5,
  settleMs: minute,
  escalation: { afterMs: 15 * minute, repeatMs: 30 * minute, times: 4, channels: [] },
  critical: ['chat', 'inbox'],
  warning: ['chat', 'inbox'],
  also: [],
  up: new Set(['chat']),
  receiptMs: 2 * minute,
  isQuiet: false,
  digest: ['email', 'inbox'],
  digestHour: 8,
};

export function conditionOf(over: Partial<AlertCondition> = {}): AlertCondition {
  return {
    source: 'overdue_task',
    key: 'a',
    owner: null,
    category: 'schedule',
    severity: 'warning',
    title: 'Task a is overdue',
    detail: 'it has not run',
    next: 'kora task show a',
    toldIn: null,
    incidentId: null,
    known: null,
    quiet: null,
    wakes: true,
    ...over,
  };
}

export interface Said extends AlertMessage {
  readonly at: number;
}

/** The rules without a store: rows are kept in memory, time passes when a test says so. */
export class Simulation {
  now: number;
  readonly said: Said[] = [];
  readonly happened: (Followed & { readonly at: number })[] = [];
  /** Keys that were handed on for want of a receipt. */
  readonly passed: string[] = [];
  /** What becomes of a message: the channel that takes it, none yet by default. */
  taken: (said: Said) => string | null = () => null;
  policy: AlertPolicy;
  #alerts: AlertState[] = [];
  #cooldowns: Cooldowns = {};
  #digestAt: number;

  /** It begins at midnight UTC. */
  constructor(over: Partial<AlertPolicy> = {}) {
    this.now = Date.parse('2026-01-01T00:00:00Z');
    this.#digestAt = this.now;
    this.policy = { ...policy, ...over };
  }

  get alerts(): readonly AlertState[] {
    return this.#alerts;
  }

  alert(key: string): AlertState | undefined {
    return this.#alerts.find((each) => each.key === key);
  }

  /** Time passes, then everything is looked at; answers what is said of it. */
  look(conditions: readonly AlertCondition[], afterMs = 0, owner = 'here'): readonly Said[] {
    this.now += afterMs;
    for (const condition of conditions) this.#enter(condition);
    const came = round({
      now: this.now,
      owner,
      policy: this.policy,
      alerts: this.#alerts,
      conditions,
      judged: new Set(alertSources),
      cooldowns: this.#cooldowns,
      digestAt: this.#digestAt,
      tellings: this.#tellings(),
    });
    this.passed.push(...came.passed);
    this.#alerts = [...came.alerts];
    this.#cooldowns = came.cooldowns;
    this.#digestAt = came.digestAt;
    const said = came.messages.map((message) => ({ ...message, at: this.now }));
    this.said.push(...said);
    for (const each of came.followed)
      if (each.happened !== null) this.happened.push({ ...each, at: this.now });
    return said;
  }

  #tellings(): Telling[] {
    return this.said.flatMap((said) =>
      said.alertIds.flatMap((alertId): Telling[] => {
        const alert = this.#alerts.find((each) => each.alertId === alertId);
        if (said.at < (alert?.toldAt ?? 0) || said.kind === 'resolved') return [];
        const over = this.taken(said);
        const at = { saidAt: said.at, passedAt: null, receiptAt: over === null ? null : said.at };
        return [{ alertId, key: said.key, channel: over ?? said.channels[0] ?? 'inbox', ...at }];
      }),
    );
  }

  change(key: string, over: Partial<AlertState>): void {
    this.#alerts = this.#alerts.map((each) => (each.key === key ? { ...each, ...over } : each));
  }

  #enter({ owner, toldIn, next, known: _known, wakes: _wakes, ...condition }: AlertCondition): void {
    const isKnown = this.#alerts.some(
      (each) =>
        each.source === condition.source && each.key === condition.key && each.owner === (owner ?? ''),
    );
    if (isKnown) return;
    const alertId = this.#alerts.length + 1;
    this.#alerts.push({
      ...condition,
      next,
      alertId,
      owner: owner ?? '',
      voice: toldIn === null ? 'alert' : 'source',
      thread: toldIn ?? `alert:${alertId}`,
      wakeId: null,
      status: 'resolved',
      episode: 0,
      returns: 0,
      firstSeenAt: this.now,
      episodeAt: this.now,
      lastSeenAt: this.now,
      quietSince: null,
      resolvedAt: this.now,
      owed: null,
      toldAt: null,
      toldEpisode: 0,
      tellings: 0,
      acknowledgedAt: null,
      acknowledgedBy: null,
      acknowledgeReason: null,
      snoozedUntil: null,
      snoozeReason: null,
      escalations: 0,
      escalatedAt: null,
      heardAt: null,
      heardOver: null,
      lateReturns: 0,
    });
  }
}

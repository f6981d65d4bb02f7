import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { AlertCondition, AlertSource, NewMessage } from './contract.ts';
import { leaveDesk, takeDesk } from './desk.ts';
import type { AlertFacts, AlertReads } from './facts.ts';
import type { Followed } from './follow.ts';
import type { Telling } from './hear.ts';
import { round } from './round.ts';
import { enter, keepAlert, readConcerned } from './rows.ts';
import { alertJudges, judgeFrom } from './sources.ts';
import type { Judging } from './sources.ts';
import type { AlertPolicy, AlertState } from './state.ts';
import type { AlertMessage } from './telling.ts';
import { keepTelling, readTellings } from './tellings.ts';
import type { ReadTold } from './tellings.ts';
import { raisedDraft, resolvedDraft, toldDraft, wakeDraft } from './drafts.ts';

export interface AlertsOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly reads: AlertReads;
  readonly thresholds: Judging['thresholds'];
  /** As it is now: channels come and go. */
  readonly policy: () => Promise<AlertPolicy>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  /** How messages stand at their channels. */
  readonly told: ReadTold;
  /** Hands a message without a receipt to its next channel. */
  readonly pass: (tx: Transaction, key: string) => Promise<void>;
  /** Has what is critical wait for the operator's word, with the messages that ask for it. */
  readonly ask: (tx: Transaction, alert: AlertState, keys: readonly string[]) => Promise<void>;
  /** Takes out what is secret. */
  readonly scrub: (text: string) => string;
  readonly onError: (where: string, error: unknown) => void;
}

interface Judged {
  readonly conditions: readonly AlertCondition[];
  readonly sources: readonly AlertSource[];
}

const everyMs = 15_000;
/** Between two looks, however much happens. */
const leastMs = 200;
const longestDetail = 2_000;

/**
 * Looks at what the house keeps, and tells the operator what is wrong: once, wherever one fault is found, over restarts
 * and runtimes. Row, event and message of a look land together or not at all.
 */
export class Alerts {
  readonly #options: AlertsOptions;
  #wake: () => void = () => undefined;
  #isKicked = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** Something may have become wrong, or right: it is looked at now. */
  kick(): void {
    this.#isKicked = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    while (!signal.aborted) {
      this.#isKicked = false;
      await this.look().catch((error: unknown) => onError('alerts', error));
      await clock.sleep(leastMs, signal);
      if (!this.#isKicked) await this.#sleep(signal);
    }
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort(true);
    await this.#options.clock.sleep(everyMs, AbortSignal.any([signal, woken.signal]));
    this.#wake = () => undefined;
  }

  /** One look at everything. Throws what the store throws; a source that cannot be read keeps none of the others. */
  async look(): Promise<void> {
    const { conditions, judged } = await this.#judge();
    const policy = await this.#options.policy();
    await this.#options.database.transaction((tx) => this.#lookIn(tx, conditions, judged, policy));
  }

  async #lookIn(
    tx: Transaction,
    conditions: readonly AlertCondition[],
    judged: ReadonlySet<AlertSource>,
    policy: AlertPolicy,
  ): Promise<void> {
    const { workspaceId, runtimeId, clock } = this.#options;
    const now = clock.now();
    const desk = await takeDesk(tx, workspaceId, now);
    await enter(tx, workspaceId, conditions, now);
    const alerts = await readConcerned(tx, workspaceId, conditions);
    const tellings = await readTellings(tx, workspaceId, { alerts, told: this.#options.told });
    const seen = { now, owner: runtimeId, policy, alerts, conditions, judged, tellings };
    const came = round({ ...seen, ...desk });
    const woken = this.#woken(came.followed, conditions);
    const after = came.alerts.map((alert) => {
      const wakeId = woken.get(alert.alertId);
      return wakeId === undefined ? alert : { ...alert, wakeId };
    });
    const before = new Map(alerts.map((alert) => [alert.alertId, alert]));
    for (const alert of after)
      if (JSON.stringify(alert) !== JSON.stringify(before.get(alert.alertId)))
        await keepAlert(tx, workspaceId, alert);
    await leaveDesk(tx, workspaceId, came);
    await this.#say(tx, { ...came, alerts: after }, woken);
    await this.#pass(tx, came.passed, tellings, after);
  }

  /** Who is to be investigated, with the id of the wake. */
  #woken(followed: readonly Followed[], conditions: readonly AlertCondition[]): ReadonlyMap<number, string> {
    const wakes = new Map<number, string>();
    for (const { alert, happened } of followed) {
      if (happened !== 'raised' || alert.incidentId !== null || alert.severity === 'info') continue;
      const condition = conditions.find(
        ({ source, key, owner }) =>
          source === alert.source && key === alert.key && (owner ?? '') === alert.owner,
      );
      if (condition?.wakes === true) wakes.set(alert.alertId, this.#options.clock.uuid());
    }
    return wakes;
  }

  async #say(
    tx: Transaction,
    came: { readonly followed: readonly Followed[]; readonly alerts: readonly AlertState[] } & {
      readonly messages: readonly AlertMessage[];
    },
    woken: ReadonlyMap<number, string>,
  ): Promise<void> {
    const { clock, stage, tell } = this.#options;
    const now = new Map(came.alerts.map((alert) => [alert.alertId, alert]));
    const causes = new Map<number, string>();
    const drafts: EventDraft[] = [];
    for (const { alert: then, happened } of came.followed) {
      const alert = now.get(then.alertId) ?? then;
      if (happened === null || happened === 'snooze_over') continue;
      const eventId = clock.uuid();
      causes.set(alert.alertId, eventId);
      if (happened === 'resolved') drafts.push({ ...resolvedDraft(alert), eventId });
      else drafts.push({ ...raisedDraft(alert, happened), eventId });
      const wakeId = woken.get(alert.alertId);
      if (wakeId !== undefined) drafts.push(wakeDraft(alert, wakeId, eventId));
    }
    await stage(tx, drafts);
    for (const message of came.messages) {
      const [only] = message.alertIds;
      const alone = message.alertIds.length === 1 && only !== undefined ? only : undefined;
      const causationId = alone === undefined ? undefined : causes.get(alone);
      const correlationId = alone === undefined ? undefined : (now.get(alone)?.wakeId ?? undefined);
      const links = {
        ...(causationId === undefined ? {} : { causationId }),
        ...(correlationId === undefined ? {} : { correlationId }),
      };
      const [channel, ...fallback] = message.channels;
      const { key, thread, severity, title, body } = message;
      const said = { key, thread, severity, title: title.slice(0, 500), body, source: 'alert', fallback };
      await tell(tx, { ...said, ...links, ...(channel === undefined ? {} : { channel }) });
      await stage(tx, [{ ...toldDraft(message), ...links }]);
      await this.#note(tx, message, now);
    }
  }

  /** What is told is followed until somebody has a receipt; what is critical waits for the operator's word besides. */
  async #note(
    tx: Transaction,
    { kind, key, alertIds }: AlertMessage,
    alerts: ReadonlyMap<number, AlertState>,
  ): Promise<void> {
    if (kind === 'resolved') return;
    const { workspaceId, clock, ask } = this.#options;
    const about = alertIds.flatMap((alertId) => alerts.get(alertId) ?? []);
    await keepTelling(tx, workspaceId, { alerts: about, key, at: clock.now() });
    const [only, more] = about;
    if (only?.severity === 'critical' && more === undefined) await ask(tx, only, [key]);
  }

  async #pass(
    tx: Transaction,
    keys: readonly string[],
    tellings: readonly Telling[],
    alerts: readonly AlertState[],
  ): Promise<void> {
    const { workspaceId, clock, pass } = this.#options;
    for (const key of keys) {
      const of = new Set(tellings.filter((each) => each.key === key).map(({ alertId }) => alertId));
      const about = alerts.filter(({ alertId }) => of.has(alertId));
      await keepTelling(tx, workspaceId, { alerts: about, key, at: clock.now(), passed: true });
      await pass(tx, key);
    }
  }

  /** Reads every fact and judges it. */
  async #judge(): Promise<{
    readonly conditions: readonly AlertCondition[];
    readonly judged: ReadonlySet<AlertSource>;
  }> {
    const names = Object.keys(alertJudges) as (keyof AlertFacts)[];
    const all = await Promise.all(names.map((name) => this.#judgeOne(name)));
    const known = all.filter((each) => each !== undefined);
    return {
      conditions: known.flatMap(({ conditions }) => conditions),
      judged: new Set(known.flatMap(({ sources }) => sources)),
    };
  }

  async #judgeOne(name: keyof AlertFacts): Promise<Judged | undefined> {
    const { reads, thresholds, clock, runtimeId, onError } = this.#options;
    try {
      const judging = { now: clock.now(), owner: runtimeId, thresholds };
      const conditions = await judgeFrom(name, reads, judging);
      return {
        conditions: conditions.map((each) => this.#storable(each)),
        sources: alertJudges[name].sources,
      };
    } catch (error) {
      onError(`alerts of ${name}`, error);
      return undefined;
    }
  }

  #storable(condition: AlertCondition): AlertCondition {
    const { scrub } = this.#options;
    const clean = (text: string, most: number): string => scrub(text).slice(0, most);
    return {
      ...condition,
      key: clean(condition.key, 200),
      title: clean(condition.title, 300),
      detail: clean(condition.detail, longestDetail),
      next: clean(condition.next, 300),
    };
  }
}

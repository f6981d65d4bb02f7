import { onTestFinished } from 'vitest';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { acceptMessage, listMessages, messageEvents, passOn, toldOf } from '../../message/index.ts';
import type { MessageView, NewMessage } from '../../message/index.ts';
import { fault } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import type { AlertView } from '../contract.ts';
import type { AlertFacts, AlertReads } from '../facts.ts';
import { acknowledgeAlert, alertEvents, Alerts, listAlerts, snoozeAlert } from '../index.ts';
import type { SaidOptions } from '../said.ts';
import type { AlertPolicy } from '../state.ts';
import type { ReadTold } from '../tellings.ts';
import { policy } from './simulation.ts';

/** Alerts on a real store: facts are what a test says, rows, events and messages are what a runtime would leave. */
export interface AlertBench {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: FakeClock;
  readonly facts: { -readonly [Name in keyof AlertFacts]: AlertFacts[Name] };
  /** What of the policy is otherwise from now on. */
  policy: Partial<AlertPolicy>;
  /** Names of facts that cannot be read. */
  readonly unreadable: Set<keyof AlertFacts>;
  readonly errors: unknown[];
  /** What waits for the operator's word: what it is about, and the messages that ask. */
  readonly asked: unknown[][];
  /** What is thrown at the next message, once. */
  breaks: Error | null;
  readonly said: SaidOptions;
  readonly alerts: Alerts;
  /** Another runtime of the workspace, or this one begun again. */
  another(runtimeId?: string): Alerts;
  /** Time passes, then all is looked at. */
  look(afterMs?: number): Promise<void>;
  rows(): Promise<AlertView[]>;
  messages(): Promise<MessageView[]>;
  titles(): Promise<string[]>;
  /** Payloads of what is staged of a type. */
  events(type: string): Promise<Record<string, unknown>[]>;
  /** Over a channel, or the API. */
  ack(alertId: number, via?: string): Promise<AlertView>;
  snooze(alertId: number, forMs: number): Promise<AlertView>;
}

export const quiet: AlertFacts = {
  spend: null,
  state: { holds: [], stopLevel: 0, stopReason: null, damage: null },
  deadLetters: 0,
  capabilityDenials: { count: 0, most: null },
  reasoningErrors: { runs: 0, tools: 0 },
  failedReplies: 0,
  incidents: [],
  daemons: [],
  plugins: [],
  lateTasks: [],
  refused: [],
  mute: null,
  canary: null,
  ping: null,
};

let workspaces = 0;

export async function alertBench(database: Database, over: Partial<AlertPolicy> = {}): Promise<AlertBench> {
  const ids = systemClock();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `alert-${workspaces++}`));
  const here = ids.uuid();
  const scope = new Scope('bench');
  onTestFinished(() => scope.dispose());
  const chain = new Chain({
    database,
    owner: { workspaceId, runtimeId: here, sessionId: ids.uuid(), actorId: 'kora' },
    vocabulary: new Vocabulary(),
    clock: ids,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', [...alertEvents, ...messageEvents]);
  const stage = (tx: Transaction, drafts: readonly EventDraft[]): Promise<void> => chain.stage(tx, drafts);
  const clock = new FakeClock();
  const facts = { ...quiet };
  const names = Object.keys(quiet) as (keyof AlertFacts)[];
  const reads = Object.fromEntries(
    names.map((name) => [
      name,
      () =>
        bench.unreadable.has(name)
          ? Promise.reject(fault('KORA_INTERNAL', `no ${name}`))
          : Promise.resolve(facts[name]),
    ]),
  ) as unknown as AlertReads;
  const policyNow = (): AlertPolicy => ({
    ...policy,
    critical: ['inbox', 'chat'],
    warning: ['inbox', 'chat'],
    ...over,
    ...bench.policy,
  });
  const opened = (runtimeId: string): Alerts =>
    new Alerts({
      database,
      workspaceId,
      runtimeId,
      clock: timeOf(clock),
      reads,
      thresholds: { deadLetters: 5, capabilityDenials: 10, reasoningErrors: 5, failedReplies: 3 },
      policy: () => Promise.resolve(policyNow()),
      told: (db, of) => toldOf(db, workspaceId, of),
      pass: async (tx, key) => void (await passOn(tx, { workspaceId, stage }, key)),
      ask: (_, alert, keys) => {
        bench.asked.push([alert.incidentId ?? alert.alertId, ...keys]);
        return Promise.resolve();
      },
      stage,
      tell: async (tx, message) => {
        const { breaks } = bench;
        bench.breaks = null;
        if (breaks !== null) throw breaks;
        await acceptMessage(tx, { workspaceId, stage }, message);
      },
      scrub: (text) => text.replaceAll('s3cret', '[secret]'),
      onError: (_, error) => bench.errors.push(error),
    });
  const saidAt = (alertId: number) => ({
    alertId,
    by: 'operator',
    via: 'api',
    reason: 'known',
    now: clock.now(),
  });
  const told: ReadTold = (db, of) => toldOf(db, workspaceId, of);
  const tell = async (tx: Transaction, message: NewMessage): Promise<void> =>
    void (await acceptMessage(tx, { workspaceId, stage }, message));
  const viewing = { told, policy: policyNow };
  const said = { database, workspaceId, stage, tell, eventId: () => ids.uuid(), ...viewing };
  const bench: AlertBench = {
    database,
    workspaceId,
    clock,
    facts,
    policy: {},
    unreadable: new Set(),
    errors: [],
    asked: [],
    breaks: null,
    said,
    alerts: opened(here),
    another: (runtimeId = ids.uuid()) => opened(runtimeId),
    look: async (afterMs = 0) => {
      clock.jump(afterMs);
      await bench.alerts.look();
    },
    rows: () => listAlerts(database, workspaceId, {}, viewing),
    messages: () => listMessages(database, workspaceId, { limit: 500 }),
    titles: async () => (await bench.messages()).map(({ title }) => title),
    events: async (type) => {
      const rows = await database.query<{ body: string }>(
        'select body from kora.stage where workspace_id = $1 and type = $2 order by number',
        [workspaceId, type],
      );
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
    ack: (alertId, via = 'api') => acknowledgeAlert(said, { ...saidAt(alertId), via }),
    snooze: (alertId, forMs) => snoozeAlert(said, { ...saidAt(alertId), forMs }),
  };
  return bench;
}

/** Time stands still until a test lets it pass; ids are the real ones, since the store keeps them apart. */
function timeOf(clock: FakeClock): Clock {
  const ids = systemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    random: () => clock.random(),
    uuid: () => ids.uuid(),
  };
}

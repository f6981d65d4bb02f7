import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Chain, ChainEvent } from '../chain/index.ts';
import { chainOn } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { openPool } from '../store/index.ts';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { WireProxy } from '../store/testing/wire-proxy.ts';
import {
  issueStop,
  liftHolds,
  OperationalStateHolder,
  placeHold,
  readControl,
  stateEvents,
} from './index.ts';
import type { ControlContext, DerivedState, HolderOptions, StopLevel } from './index.ts';
import { counting } from './testing/house.ts';

interface Runtime {
  readonly chain: Chain;
  readonly holder: OperationalStateHolder;
  readonly context: ControlContext;
  /** Takes what the store says now. */
  readonly look: () => Promise<void>;
}

interface RuntimeOptions {
  readonly numbers?: HolderOptions['numbers'];
  readonly spool?: { readonly path: string };
  readonly workspace?: string;
}

/** One start of a runtime on a store, as far as the state goes. */
async function runtimeOn(
  database: Database,
  runtimeId: string,
  options: RuntimeOptions = {},
): Promise<Runtime> {
  const { spool, numbers = counting(), workspace = 'default' } = options;
  const { chain, workspaceId } = await chainOn(database, {
    runtimeId,
    workspace,
    ...(spool === undefined ? {} : { spool }),
  });
  await chain.declare('kora', stateEvents);
  const holder = new OperationalStateHolder({
    clock: systemClock(),
    runtimeId,
    numbers,
    record: async (drafts) => void (await chain.append(drafts)),
    onError: (where, error) => {
      throw new Error(where, { cause: error });
    },
  });
  return {
    chain,
    holder,
    context: { workspaceId, stage: (tx, drafts) => chain.stage(tx, drafts) },
    look: async () => holder.observe(await readControl(database, workspaceId)),
  };
}

const passed = { detail: { boot_id: 1, elapsed_ms: 5 } };
const ids = ['01990000-0000-7000-8000-0000000000aa', '01990000-0000-7000-8000-0000000000bb'] as const;

/** The last state of a runtime, from its events alone. */
function replayState(events: readonly ChainEvent[], runtimeId: string): DerivedState | undefined {
  const own = events
    .filter(({ type, payload }) => type.endsWith('.transitioned') && payload['runtime_id'] === runtimeId)
    .map(({ payload }) => payload)
    .sort((a, b) => Number(a['n']) - Number(b['n']));
  const last = own.at(-1);
  return last === undefined
    ? undefined
    : ({
        primaryState: last['to_primary_state'],
        claimPermission: last['claim_permission'],
        degradationReasons: last['degradation_reasons'],
      } as DerivedState);
}

/** What is in force, from the events of holds and commands alone. */
function replayControl(events: readonly ChainEvent[], now: number): { holds: number[]; stopLevel: number } {
  const holds = new Map<unknown, unknown>();
  const stops = new Map<unknown, ChainEvent['payload']>();
  for (const { type, payload } of events) {
    if (type === 'kora.hold.added') holds.set(payload['hold_id'], payload['expires_at']);
    else if (type === 'kora.hold.cleared') holds.delete(payload['hold_id']);
    else if (type === 'kora.control.issued') stops.set(payload['sequence'], payload);
    else if (type === 'kora.control.superseded') stops.delete(payload['sequence']);
  }
  const isOn = (end: unknown): boolean => typeof end !== 'string' || Date.parse(end) > now;
  return {
    holds: [...holds].filter(([, end]) => isOn(end)).map(([holdId]) => Number(holdId)),
    stopLevel: Math.max(
      0,
      ...[...stops.values()].filter((p) => isOn(p['expires_at'])).map((p) => Number(p['level'])),
    ),
  };
}

/** What people, rooms and two runtimes do, as many ways as there are. `pick` chooses where there is a choice. */
function deedsOf(
  database: Database,
  [one, two]: readonly [Runtime, Runtime],
): ((pick: number) => Promise<unknown>)[] {
  const { context } = one;
  const hold = (wish: Parameters<typeof placeHold>[2]): Promise<unknown> =>
    database.transaction((tx) => placeHold(tx, context, wish));
  const lift = (holdId?: number): Promise<unknown> =>
    database.transaction((tx) =>
      liftHolds(tx, context, { by: 'operator', reason: 'y', ...(holdId === undefined ? {} : { holdId }) }),
    );
  const stop = (level: StopLevel, end: { readonly expiresInMs?: number } = {}): Promise<unknown> => {
    const issuer = { actorId: 'operator', kind: 'operator' } as const;
    return database.transaction((tx) =>
      issueStop(tx, context, { level, reason: 'x', issuer, via: 'api', ...end }),
    );
  };
  const boot = ({ holder }: Runtime): Promise<void> =>
    holder.transition('boot.passed', holder.inputs.boot === 'running' ? { boot: 'passed' } : {}, passed);
  const work = async ({ holder }: Runtime): Promise<void> => {
    const { liveClaims } = holder.inputs;
    if (liveClaims > 0) await holder.transition('claim.released', { liveClaims: 0 });
    else await holder.transition('claim.acquired', { liveClaims: 1 });
  };
  const own = { cause: 'operator', owner: 'operator', reason: 'x' } as const;
  const particulars = { spent_usd: 1, pool_usd: 1 };
  return [
    () => hold(own),
    () => hold({ ...own, forMs: 1 }),
    () => hold({ cause: 'chain', owner: 'gate', reason: 'x' }),
    () => hold({ cause: 'cost', owner: 'spend', reason: 'x', particulars }),
    () => lift(),
    async (pick) => {
      const { holds } = await readControl(database, context.workspaceId);
      await lift(holds[pick % Math.max(1, holds.length)]?.holdId ?? 0);
    },
    (pick) => stop((1 + (pick % 5)) as StopLevel),
    () => stop(2, { expiresInMs: 1 }),
    () => stop(0),
    async () => {
      await stop(0);
      for (const { holdId } of (await readControl(database, context.workspaceId)).holds) await lift(holdId);
      await Promise.all([one.look(), two.look()]);
    },
    (pick) => boot(pick % 2 === 0 ? one : two),
    (pick) => work(pick % 2 === 0 ? one : two),
    () => one.look(),
    () => two.look(),
  ];
}

test('law: the log rebuilds the last state of each runtime, and what is in force, after any history', async () => {
  const { database } = await testDatabase();
  let run = 0;
  const deed = fc.tuple(fc.nat(13), fc.nat(59));
  const history = fc.array(deed, { minLength: 30, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(history, async (deeds) => {
      run += 1;
      const workspace = `run-${run}`;
      const one = await runtimeOn(database, ids[0], { workspace });
      const two = await runtimeOn(database, ids[1], { workspace });
      const all = deedsOf(database, [one, two]);
      for (const [which, pick] of deeds) await all[which]?.(pick);
      await one.look();
      await two.look();
      await expect.poll(() => one.chain.unsealed()).toBe(0);
      const events = await one.chain.read({ limit: 1_000 });
      const { holder } = one;
      const none = { primaryState: 'booting', claimPermission: 'none', degradationReasons: [] };
      expect(replayState(events, ids[0]) ?? none).toEqual(holder.state);
      expect(replayState(events, ids[1]) ?? none).toEqual(two.holder.state);
      const view = await readControl(database, one.context.workspaceId);
      expect(replayControl(events, Date.parse(view.asOf))).toEqual({
        holds: view.holds.map(({ holdId }) => holdId),
        stopLevel: view.stopLevel,
      });
      expect(holder.inputs).toMatchObject({ holds: view.holds, stopLevel: view.stopLevel });
    }),
    { numRuns: 6 },
  );
});

test('what held before a restart holds after it, before anything can be claimed (defect 23)', async () => {
  const { database } = await testDatabase();
  const before = await runtimeOn(database, ids[0]);
  await before.holder.transition('boot.passed', { boot: 'passed' }, passed);
  const hold = await database.transaction((tx) =>
    placeHold(tx, before.context, { cause: 'operator', owner: 'operator', reason: 'lunch' }),
  );
  await before.look();
  const after = await runtimeOn(database, ids[0], { numbers: counting(1_000) });
  await after.look();
  await after.holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(after.holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
  expect(after.holder.inputs.holds).toMatchObject([{ holdId: hold?.holdId, reason: 'lunch' }]);
  await expect.poll(() => after.chain.unsealed()).toBe(0);
  const told = await after.chain.read({ type: 'kora.operational_state' });
  expect(told.map(({ payload }) => payload['n'])).toEqual([1, 2, 1_001]);
});

test.each(['before', 'after'] as const)(
  'transitions that meet a lost connection, %s the statement, wait in the home and land in the order of n (defects 21, 22)',
  async (when) => {
    const { connection } = await testDatabase();
    const proxy = await WireProxy.open({ host: connection.host ?? '', port: connection.port ?? 0 });
    const database = openPool({
      connection: { ...connection, host: '127.0.0.1', port: proxy.port },
      server: { kind: 'url', description: 'test' },
      clock: systemClock(),
      onIdleError: () => undefined,
    });
    onTestFinished(() => database.close());
    const { chain, holder } = await runtimeOn(database, ids[0], {
      spool: { path: join(testFolder(), 'spool.ndjson') },
    });
    await holder.transition('boot.passed', { boot: 'passed' }, passed);
    proxy.cutAt('append_events', when);
    const detail = { check: 'store' };
    await Promise.all([
      holder.transition('claim.acquired', { liveClaims: 1 }),
      holder.transition('check.failed', { failing: new Set(['substrate']) }, { detail }),
      holder.transition('claim.released', { liveClaims: 0 }),
      holder.transition('check.recovered', { failing: new Set() }, { detail }),
    ]);
    const numbers = async (): Promise<unknown[]> => {
      const told = await chain.read({ type: 'kora.operational_state' }).catch(() => []);
      return told.map(({ payload }) => payload['n']);
    };
    await expect.poll(numbers, { timeout: 10_000 }).toEqual([1, 2, 3, 4, 5]);
  },
);

import { expect, test, vi } from 'vitest';
import { doorLines } from '../../admission/index.ts';
import type { Pass } from '../../admission/index.ts';
import { questions, scene } from '../../admission/testing/scene.ts';
import {
  acknowledgeStop,
  addHold,
  clearHolds,
  enforceStop,
  issueStop,
  OperationalStateHolder,
  readControl,
} from '../../state/index.ts';
import type { StopLevel } from '../../state/index.ts';
import { operatorActor } from '../../workspace/index.ts';
import { claimTickets } from '../index.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';
import type { WorkerBench } from '../testing/worker.ts';
import { through } from '../testing/weather.ts';

type Bench = Pick<WorkerBench, 'database' | 'owner' | 'clock'>;

async function stop({ database, owner }: Bench, level: StopLevel): Promise<void> {
  const { workspaceId } = owner;
  const issuer = { actorId: operatorActor, kind: 'operator' } as const;
  const context = { workspaceId, stage: () => Promise.resolve() };
  await database.transaction((tx) => issueStop(tx, context, { level, reason: 'a test', issuer, via: 'api' }));
}

/** A runtime's own view of the state, which learns what the store says when it is told to look. */
function viewOf(clock: Bench['clock']): {
  readonly holder: OperationalStateHolder;
  look(bench: Bench): Promise<void>;
} {
  let n = 0;
  const holder = new OperationalStateHolder({
    clock,
    runtimeId: 'r',
    numbers: { next: () => (n += 1) },
    record: () => Promise.resolve(),
    onError: (where, error) => {
      throw new Error(where, { cause: error });
    },
  });
  return {
    holder,
    look: async ({ database, owner }) => holder.observe(await readControl(database, owner.workspaceId)),
  };
}

/**
 * Moves time on in steps, each when beat, reaper, progress and the looks for tickets sleep again, and what was asked of
 * the store has been answered.
 */
async function pass(bench: Bench, ms: number, underWay: () => number = () => 0): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await vi.waitFor(
      () => {
        expect(bench.clock.sleeping).toBeGreaterThanOrEqual(4);
        expect(underWay()).toBe(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    await bench.clock.advance(500);
  }
}

test('an issued stop of each level blocks: the claim at once and by the store itself, every door once it was seen (defect 1)', async () => {
  const bench = await workerBench();
  const { holder, look } = viewOf(bench.clock);
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  const { admission } = scene({ state: () => ({ inputs: holder.inputs, derived: holder.state }) });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  for (const level of [1, 2, 3, 4, 5] as const) {
    await stop(bench, level);
    // The worker has not been told: its own door stands open, and the statement alone refuses.
    const { ticketId } = await bench.add();
    await pass(bench, 10_000);
    expect((await bench.find(ticketId)).status, `under level ${level}`).toBe('assigned');
    await look(bench);
    const open = doorLines.filter(
      (line) => admission.look(questions[line].door, questions[line].context).allow,
    );
    expect(open, `under level ${level}`).toEqual([
      'periodic_task_observe',
      'outbound_message_operator',
      'plugin_load',
      'panel_action_observe',
      'mcp_call_observe',
      'mcp_call_steer',
      ...(level <= 2 ? ['mcp_call_act'] : []),
    ]);
    await stop(bench, 0);
    await look(bench);
    expect(
      doorLines.every((line) => admission.look(questions[line].door, questions[line].context).allow),
    ).toBe(true);
    bench.worker.kick();
    (await handler.next()).answer();
    await bench.until(ticketId, 'completed');
  }
});

test('a hold of each cause that is committed is never claimed past', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { workspaceId } = bench.owner;
  for (const cause of ['operator', 'cost', 'dr', 'chain'] as const) {
    const hold = await addHold(bench.database, workspaceId, {
      cause,
      owner: operatorActor,
      reason: 'a test',
    });
    const { ticketId } = await bench.add();
    await pass(bench, 5_000);
    expect((await bench.find(ticketId)).status, cause).toBe('assigned');
    const clear = { by: operatorActor, reason: 'done', ...(hold && { holdId: hold.holdId }) };
    await clearHolds(bench.database, workspaceId, clear);
    bench.worker.kick();
    (await handler.next()).answer();
    await bench.until(ticketId, 'completed');
  }
});

test('paused, nothing is claimed; what is in hand finishes, and its end frees nothing (defect 4)', async () => {
  const view: { now?: ReturnType<typeof viewOf> } = {};
  const bench = await workerBench({
    state: () => {
      const { inputs, state } = holder();
      return { inputs, derived: state };
    },
    onClaims: (liveClaims) =>
      void holder().transition(liveClaims > 0 ? 'claim.acquired' : 'claim.released', { liveClaims }),
  });
  const holder = (): OperationalStateHolder => (view.now ??= viewOf(bench.clock)).holder;
  const look = (): Promise<void> => (view.now ??= viewOf(bench.clock)).look(bench);
  await holder().transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const first = await bench.add();
  const work = await handler.next();
  expect(holder().state.primaryState).toBe('active');

  const owner = { cause: 'operator', owner: operatorActor, reason: 'lunch' } as const;
  await addHold(bench.database, bench.owner.workspaceId, owner);
  await look();
  const second = await bench.add();
  expect(holder().state.primaryState).toBe('paused');
  work.answer();
  await bench.until(first.ticketId, 'completed');
  await pass(bench, 20_000);
  expect(holder().inputs.liveClaims).toBe(0);
  expect(holder().state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
  expect((await bench.find(second.ticketId)).status).toBe('assigned');

  await clearHolds(bench.database, bench.owner.workspaceId, { by: operatorActor, reason: 'back' });
  await look();
  bench.worker.kick();
  expect((await handler.next()).ticket.ticketId).toBe(second.ticketId);
});

test('a refused claim is no work: one look and no statement a pause, no event without a change (defect 9)', async () => {
  const asked: string[] = [];
  let underWay = 0;
  const bench = await workerBench({
    weather: (database) =>
      through(database, async (statement, ask) => {
        if (statement !== 'ticket claim') return ask();
        asked.push(statement);
        underWay += 1;
        return ask().finally(() => (underWay -= 1));
      }),
  });
  bench.worker.handle(heldHandler());
  bench.permit = 'none';
  for (let n = 0; n < 5; n += 1) await bench.add();
  bench.start();
  await pass(bench, 2_000);
  const before = { looks: bench.looks, events: (await bench.staged()).length };
  await pass(bench, 100_000);
  // Two seconds a pause, give or take a quarter.
  expect(bench.looks - before.looks).toBeGreaterThan(30);
  expect(bench.looks - before.looks).toBeLessThanOrEqual(67);
  expect(asked).toEqual([]);
  expect(bench.refusals).toEqual([]);
  expect(bench.claims).toEqual([]);

  // And where the store refuses, since this process has not heard of the stop: one statement a pause.
  await stop(bench, 1);
  bench.permit = 'normal';
  await pass(bench, 100_000, () => underWay);
  expect(asked.length).toBeGreaterThan(30);
  expect(asked.length).toBeLessThanOrEqual(68);
  expect(bench.claims).toEqual([]);
  expect((await bench.staged()).length).toBe(before.events);
});

test('a stop that comes while the claim is under way: the handler is never called, and the attempt does not count', async () => {
  const bench = await workerBench({
    weather: (database) =>
      through(database, async (statement, ask) => {
        const rows = await ask();
        if (statement === 'ticket claim' && rows.length > 0) bench.permit = 'none';
        return rows;
      }),
  });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const view = await bench.until(ticketId, 'released');
  expect(view).toMatchObject({ attempts: 0, statusReason: 'the door closed before it began: stop_l3' });
  expect(handler.works).toHaveLength(0);
  expect(bench.refusals).toEqual([{ door: 'claim', cause: 'stop_l3', caller: 'kora' }]);
});

test('an abort gives everything back at once, whatever the handlers do with their signal, and no attempt counts', async () => {
  const bench = await workerBench();
  const deaf = heldHandler({ concurrency: 3 });
  bench.worker.handle(deaf);
  bench.start();
  const added = [await bench.add(), await bench.add(), await bench.add()];
  const works = [await deaf.next(), await deaf.next(), await deaf.next()];
  bench.permit = 'none';
  // The clock stands: nothing of this waits for a timer.
  const [released, again] = await Promise.all([
    bench.worker.abort('stop level 3: a test'),
    bench.worker.abort('stop level 3: a test'),
  ]);
  expect([released, again]).toEqual([3, 3]);
  expect(works.every(({ ticket }) => ticket.signal.aborted)).toBe(true);
  for (const { ticketId } of added) {
    expect(await bench.find(ticketId)).toMatchObject({
      status: 'released',
      attempts: 0,
      fence: 1,
      statusReason: 'stop level 3: a test',
    });
    expect(bench.worker.holds({ ticketId, fence: 1 })).toBe(false);
  }
  expect(await bench.worker.abort('again')).toBe(0);
  expect(bench.claims.at(-1)).toBe(0);
  const events = await bench.staged();
  expect(events.filter((type) => type === 'sea_ticket.claim_released')).toHaveLength(3);

  // What is said after that changes nothing; the tickets are there for whoever may claim again.
  for (const { answer } of works) answer();
  await pass(bench, 5_000);
  for (const { ticketId } of added) expect((await bench.find(ticketId)).status).toBe('released');
  bench.permit = 'normal';
  bench.worker.kick();
  expect((await deaf.next()).ticket).toMatchObject({ attempt: 1 });
  await eventually(() =>
    expect(bench.worker.holds({ ticketId: added[0]?.ticketId ?? 0, fence: 2 })).toBe(true),
  );
});

test('a claim without a sound pass takes nothing', async () => {
  const bench = await workerBench();
  const { ticketId } = await bench.add();
  const { admission, move } = scene();
  const sessionId = await bench.session();
  const claim = (given: unknown): Promise<unknown> =>
    claimTickets(bench.database, bench.owner, {
      sessionId,
      wants: [{ kind: 'test', limit: 1, deadlineMs: 1_000, pass: given as Pass<'claim'> }],
      total: 1,
      admission,
    });
  const leave = await admission.admit('claim', { caller: 'kora', kind: 'test', critical: false });
  const load = await admission.admit('plugin_load', { caller: 'kora' });
  expect(leave.allow && load.allow).toBe(true);
  await expect(claim({})).rejects.toMatchObject({ code: 'KORA_ADMISSION_DENIED' });
  await expect(claim((load as { pass: unknown }).pass)).rejects.toMatchObject({
    code: 'KORA_ADMISSION_DENIED',
  });
  move({ stopLevel: 1 });
  await expect(claim((leave as { pass: unknown }).pass)).rejects.toMatchObject({
    code: 'KORA_ADMISSION_DENIED',
  });
  expect((await bench.find(ticketId)).status).toBe('assigned');
});

test('under a stop of level 1 for ten minutes, with a thousand tickets waiting, nothing is claimed and little is asked (ticket defect 4)', async () => {
  let asked = 0;
  const claims: string[] = [];
  const bench = await workerBench({
    weather: (database) =>
      through(database, (statement, ask) => {
        asked += 1;
        if (statement === 'ticket claim') claims.push(statement);
        return ask();
      }),
  });
  bench.worker.handle(heldHandler({ concurrency: 10 }));
  await bench.database.query(
    `insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
     select $1, n, 'kora', 'test', 2, clock_timestamp(), false from generate_series(1, 1000) n`,
    [bench.owner.workspaceId],
  );
  bench.permit = 'none';
  bench.start();
  for (let n = 0; n < 1_000; n += 1) bench.worker.kick();
  await pass(bench, 600_000);
  expect(claims).toEqual([]);
  expect(bench.claims).toEqual([]);
  // Beats every 4 s, and every 5 s or so a look for leases that nobody works: two statements.
  expect(asked).toBeGreaterThan(100);
  expect(asked).toBeLessThan(600);
});

test('a stop that every runtime says it has carried out is in force until it is reset (ticket defect 7)', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  await stop(bench, 1);
  const { workspaceId, runtimeId } = bench.owner;
  const [command] = (await readControl(bench.database, workspaceId)).commands;
  const key = { workspaceId, sequence: command?.sequence ?? 0, runtimeId };
  const effect = { claimsReleased: 0, claimsHeld: 0, callsRefused: 0 };
  const silent = (): Promise<void> => Promise.resolve();
  await bench.database.transaction((tx) => acknowledgeStop(tx, key, silent));
  expect(await bench.database.transaction((tx) => enforceStop(tx, key, effect, silent))).toBe(true);
  const { ticketId } = await bench.add();
  await pass(bench, 20_000);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'assigned', attempts: 0 });
  await stop(bench, 0);
  bench.worker.kick();
  expect((await handler.next()).ticket.ticketId).toBe(ticketId);
});

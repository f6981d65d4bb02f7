import { statusSchema } from '@kora/runtime/client';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';
import type { Child } from './harness/child.ts';
import { House, refusalOf, type Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

/** What the guardian of the database allows a crashed runtime's successor, and a margin for a busy machine. */
const graceMs = 30_000 + 15_000;

/** Of one test: of those that run side by side each says which. */
function newHouse(test: Pick<TestContext, 'onTestFinished'> = { onTestFinished }): House {
  const house = new House();
  test.onTestFinished(() => house[Symbol.asyncDispose]());
  return house;
}

describe('the end of a runtime', () => {
  const ends: { how: string; end: (house: House, up: Up) => Promise<unknown> | void }[] = [
    { how: 'Ctrl-C, which the whole group hears', end: (_, { child }) => child.signalGroup('SIGINT') },
    { how: 'SIGTERM to it alone', end: (_, { child }) => child.signal('SIGTERM') },
    { how: 'SIGTERM to the whole group, twice', end: (_, { child }) => signalTwice(child, 'SIGTERM') },
    { how: 'kora down', end: (house) => expectDown(house) },
  ];

  // One home for all: each starts on what the one before left.
  describe('in order', () => {
    const house = new House();
    afterAll(() => house[Symbol.asyncDispose]());

    it.each(ends)('$how: exit 0, and no process is left, the database included', async ({ end }) => {
      const up = await house.up();
      // Otherwise this would prove nothing: the database is a process of its own, and it was seen.
      expect(house.leftovers().map(({ command }) => command)).toContainEqual(
        expect.stringMatching(/postgres/),
      );
      await end(house, up);
      const { code, stdout, stderr } = await up.child.ended;
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('"event":"stopped"');
      await house.empty();
    });

    it('a second Ctrl-C does not wait: exit 130, and the database goes all the same', async () => {
      const { child } = await house.up();
      // A server that cannot be stopped holds the end up, which is when people press it again.
      const server = house.leftovers().filter(({ command }) => /guardian/.test(command));
      for (const { pid } of server) process.kill(pid, 'SIGSTOP');
      child.signalGroup('SIGINT');
      await child.said(/Ctrl-C once more/);
      await until('the second Ctrl-C to be heard', () => {
        if (child.end === undefined) child.signalGroup('SIGINT');
        return child.end !== undefined;
      });
      for (const { pid } of server) process.kill(pid, 'SIGCONT');
      expect((await child.ended).code).toBe(130);
      await house.empty(graceMs);
    });

    it('the second exits 73 naming the pid of the first, which goes on', async () => {
      const { ready } = await house.up();
      const { problem, code } = refusalOf(await house.start(['up', '--json', '--port', '0']).ended);
      expect([problem.code, code]).toEqual(['KORA_HOME_LOCKED', 73]);
      expect(problem.message).toContain(`pid ${ready.pid}`);
      expect(problem.hint).toBe(`kora down --home ${house.home}`);
      expect((await house.read(statusSchema, 'status')).data.pid).toBe(ready.pid);
    });
  });

  it('Ctrl-C during the boot: exit 130, nothing left, and the home starts again', async () => {
    const house = newHouse();
    const child = house.start(['up', '--json', '--port', '0']);
    await child.said(/PostgreSQL/);
    child.signalGroup('SIGINT');
    expect((await child.ended).code).toBe(130);
    await house.empty();
    await house.up();
    expect((await house.read(statusSchema, 'status')).data.primaryState).toBe('ready');
  });

  it('kora down where nothing runs says so: exit 69', async () => {
    const { problem, code } = await newHouse().refused('down');
    expect([problem.code, code]).toEqual(['KORA_UNREACHABLE', 69]);
  });
});

describe('two on one home', () => {
  it('of two that start at once on a new home one is ready and the other exits 73', async () => {
    const house = newHouse();
    const both = [1, 2].map(() => house.start(['up', '--json', '--port', '0']));
    const loser = await Promise.race(both.map((child) => child.ended.then((end) => ({ child, end }))));
    expect(loser.end.code, loser.end.stdout).toBe(73);
    const winner = both.find((child) => child !== loser.child);
    await until('the other to be ready', () => winner?.stdout.includes('"event":"ready"'));
    expect(refusalOf(loser.end).problem.message).toContain(`pid ${winner?.pid}`);
  });
});

// Side by side: half a minute of the first is waiting.
describe.concurrent('kill -9 of the runtime alone', () => {
  it('leaves the database to a successor for half a minute, then nothing', async (test) => {
    const house = newHouse(test);
    const { child } = await house.up();
    child.signal('SIGKILL');
    await child.ended;
    expect(house.leftovers().map(({ command }) => command)).toContainEqual(expect.stringMatching(/postgres/));
    await house.empty(graceMs);
  });

  it('a successor takes the running database over', async (test) => {
    const house = newHouse(test);
    const first = await house.up();
    await using before = await house.store();
    const server = await postmaster(before);
    first.child.signal('SIGKILL');
    await first.child.ended;
    await house.up();
    await using after = await house.store();
    expect(await postmaster(after)).toBe(server);
  });
});

async function expectDown(house: House): Promise<void> {
  const { code, stdout, stderr } = await house.kora('down');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^stopped {2}pid \d+/);
}

async function signalTwice(child: Child, signal: NodeJS.Signals): Promise<void> {
  child.signalGroup(signal);
  await child.said(/stopping/);
  child.signalGroup(signal);
}

async function postmaster(store: Awaited<ReturnType<House['store']>>): Promise<string | undefined> {
  const [row] = await store.rows<{ started: Date }>('select pg_postmaster_start_time() as started');
  return row?.started.toISOString();
}

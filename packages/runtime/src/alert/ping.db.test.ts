import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { FakeClock, systemClock } from '../clock/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import { DeadMan, forgetPing, placeOf, readPing } from './index.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => void (made = await fileDatabase()));
afterAll(() => made.drop());

const secret = '/3f0c-5ecret';

interface Outside {
  readonly url: string;
  /** How it answers: a status, or not at all. */
  answer: number | 'silence';
  readonly heard: string[];
  close(): Promise<void>;
}

async function outside(): Promise<Outside> {
  const there: { answer: Outside['answer'] } & Pick<Outside, 'heard'> = { answer: 200, heard: [] };
  const server = createServer((request, response) => {
    there.heard.push(`${request.method} ${request.url}`);
    if (there.answer === 'silence') return;
    response.writeHead(there.answer, there.answer === 302 ? { location: '/elsewhere' } : {}).end('thank you');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  onTestFinished(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${secret}`;
  return Object.assign(there, { url, close });
}

async function bench(over: { readonly timeoutMs?: number; readonly method?: 'GET' | 'POST' } = {}) {
  const there = await outside();
  const { database } = made;
  const runtimeId = systemClock().uuid();
  const clock = new FakeClock();
  const told: string[] = [];
  const state = { withheld: null as string | null };
  const sign = new DeadMan({
    database,
    workspaceId: 1,
    runtimeId,
    clock,
    url: there.url,
    method: over.method ?? 'GET',
    timeoutMs: over.timeoutMs ?? 5_000,
    withheld: () => Promise.resolve(state.withheld),
    stage: (_, drafts: readonly EventDraft[]) => {
      for (const { payload } of drafts) told.push((payload as { state: string }).state);
      return Promise.resolve();
    },
  });
  const { signal } = new AbortController();
  return {
    there,
    told,
    state,
    clock,
    give: () => sign.give(signal),
    read: () => readPing(database, 1, runtimeId),
    forget: () => forgetPing(database, 1, runtimeId),
  };
}

test('it is given, and when it got through is known', async () => {
  const { there, give, read, clock, told } = await bench({ method: 'POST' });
  expect(await read()).toBe(null);
  expect(await give()).toBe('ok');
  expect(there.heard).toEqual([`POST ${secret}`]);
  const now = new Date(clock.now()).toISOString();
  expect(await read()).toMatchObject({ answeredAt: now, triedAt: now, failures: 0, error: null });
  expect(told).toEqual([]);
});

test.each([
  ['a refusal', 503, 'status 503'],
  ['a way elsewhere', 302, 'redirect'],
] as const)('%s is a failure: counted, told once, and never with what is secret', async (_, answer, said) => {
  const { there, give, read, clock, told } = await bench();
  await give();
  const answeredAt = new Date(clock.now()).toISOString();
  there.answer = answer;
  clock.jump(60_000);
  await give();
  await give();
  const ping = await read();
  expect(ping).toMatchObject({ failures: 2, answeredAt, place: placeOf(there.url) });
  expect(ping?.error).toContain(said);
  expect(JSON.stringify(ping)).not.toContain(secret);
  there.answer = 204;
  await give();
  expect(await read()).toMatchObject({ failures: 0, error: null });
  expect(told).toEqual(['failing', 'answered']);
});

test('one who does not answer in time, or is not there, has not heard it', async () => {
  const { there, give, read } = await bench({ timeoutMs: 50 });
  there.answer = 'silence';
  await give();
  expect(await read()).toMatchObject({ failures: 1, error: 'no answer in time' });
  await there.close();
  await give();
  expect(await read()).toMatchObject({ failures: 2, error: expect.stringContaining('ECONNREFUSED') });
});

test('a runtime that may not work keeps silent, and says why', async () => {
  const { there, give, read, state, told } = await bench();
  await give();
  state.withheld = 'it may not work: operator_hold';
  expect(await give()).toBe('noop');
  expect(there.heard).toHaveLength(1);
  expect(await read()).toMatchObject({
    withheld: state.withheld,
    failures: 0,
    answeredAt: expect.any(String),
  });
  state.withheld = null;
  await give();
  expect(await read()).toMatchObject({ withheld: null });
  expect(told).toEqual(['withheld', 'answered']);
});

test('one that is configured no more is not remembered', async () => {
  const { give, read, forget } = await bench();
  await give();
  await forget();
  expect(await read()).toBe(null);
});

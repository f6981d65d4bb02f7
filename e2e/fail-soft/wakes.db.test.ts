import { once } from 'node:events';
import type { ProbeSpec } from '@kora/runtime/plugin';
import type { KoraClient } from '@kora/runtime/client';
import { expect, test } from 'vitest';
import { Place } from './in-process.ts';
import type { Living } from './in-process.ts';

const soon = { timeout: 25_000, interval: 20 };

/** How the wakes so far ended, each by its probe and outcome, in the order of their ends. */
async function ends({ client }: Living): Promise<string[]> {
  const events = await client.events({ type: 'probe.investigation_completed', limit: 100 });
  return events.map(({ payload }) => `${String(payload['probe'])} ${String(payload['outcome'])}`);
}

async function count(client: KoraClient, type: string): Promise<number> {
  return (await client.events({ type, limit: 500 })).length;
}

/** Titles of what the inbox holds, in their order, without what alerts say. */
async function titles({ client }: Living): Promise<string[]> {
  const all = await client.messages({ limit: 500 });
  return all
    .filter(({ channel, thread }) => channel === 'inbox' && thread.startsWith('incident:'))
    .map(({ title }) => title);
}

async function healthy(...all: readonly Living[]): Promise<void> {
  for (const { client } of all) {
    const well = async (): Promise<boolean> =>
      (await client.probes()).every(({ status }) => status === 'healthy');
    await expect.poll(well, soon).toBe(true);
  }
}

test('two unrelated faults are two investigations, and what needs the database is a consequence of it and none', async () => {
  const needs = (name: string): Partial<ProbeSpec> => (name === 'shop' ? { dependsOn: ['db'] } : {});
  await using place = await Place.make({ probes: ['db', 'shop', 'mail'], spec: needs });
  const living = await place.raise();
  await healthy(living);
  const { stage, client } = living;
  for (const name of ['db', 'shop', 'mail']) stage.see(name, 'unreachable');
  await expect.poll(async () => (await ends(living)).toSorted(), soon).toEqual(['db open', 'mail open']);
  const shop = async () => (await client.incidents({})).find(({ probe }) => probe === 'shop');
  await expect.poll(shop, soon).toMatchObject({ status: 'open', ticketId: null });
  expect((await titles(living)).filter((title) => title.includes('shop'))).toEqual([]);
});

test('a storm on one host is one investigation, whose findings name the others; a critical one of it starts at once', async () => {
  const one = { host: '10.0.0.5' };
  const spec = (name: string): Partial<ProbeSpec> =>
    name === 'disk' ? { ...one, severity: 'warning' } : one;
  const names = ['disk', ...Array.from({ length: 8 }, (_, n) => `pod${n}`)];
  await using place = await Place.make({ probes: names, spec });
  const living = await place.raise();
  await healthy(living);
  const { stage, client } = living;
  // Half a minute is what a milder one waits for its siblings: nothing is investigated yet.
  stage.see('disk', 'degraded');
  await expect.poll(() => count(client, 'probe.wake_requested'), soon).toBe(1);
  for (const name of names.slice(1)) stage.see(name, 'unreachable');
  await expect.poll(() => count(client, 'probe.wake_requested'), soon).toBe(names.length);
  const open = async (): Promise<string[]> => (await ends(living)).filter((end) => end.endsWith(' open'));
  await expect.poll(open, soon).toEqual([expect.stringMatching(/^pod\d open$/)]);
  const folded = async (): Promise<number> =>
    (await ends(living)).filter((end) => end.endsWith(' folded')).length;
  await expect.poll(folded, soon).toBe(names.length - 2);
  const found = (await client.messages({ limit: 500 })).filter(
    ({ title, thread, channel }) =>
      channel === 'inbox' && thread.startsWith('incident:') && title.startsWith('Findings'),
  );
  expect(found).toMatchObject([{ body: expect.stringContaining('Investigated together: ') }]);
  expect(found[0]?.body).toContain('(disk)');
});

test('what goes back and forth for long is one incident, one wake, one investigation and one thread', async () => {
  await using place = await Place.make({ probes: ['shop'] });
  const living = await place.raise();
  await healthy(living);
  const { stage, client } = living;
  const turns = async (): Promise<number> => count(client, 'probe.status_changed');
  for (let turn = 0; turn < 16; turn += 1) {
    const before = await turns();
    stage.see('shop', turn % 2 === 0 ? 'unreachable' : 'healthy');
    await expect.poll(turns, soon).toBeGreaterThan(before);
  }
  await expect.poll(() => ends(living), soon).toHaveLength(1);
  expect(await count(client, 'probe.wake_requested')).toBe(1);
  expect(await client.incidents({})).toHaveLength(1);
  const all = await titles(living);
  const of = (what: string): number => all.filter((title) => title.includes(what)).length;
  expect([of('Probe alert'), of('Findings') + of('Not investigated')]).toEqual([1, 1]);
  // One notice that it goes back and forth: of its own, or in the first message when it was known by then.
  const told = (await client.messages({ limit: 500 })).filter(({ channel }) => channel === 'inbox');
  const notices = told.filter(
    ({ title, body }) => title.includes('Flapping') || body.includes('Back and forth'),
  );
  expect(notices).toHaveLength(1);
});

test('over a restart in the middle of it a wake has one investigation and one word (daemon defect W20)', async () => {
  await using place = await Place.make({ probes: ['shop'] });
  const first = await place.raise();
  await healthy(first);
  await first.stage.think(async (_question, _context, signal) => {
    void first.kora.stop('in the middle');
    await once(signal, 'abort');
    throw new Error('called off');
  });
  first.stage.see('shop', 'unreachable');
  await first.kora.closed;
  const second = await place.raise({ home: first.home });
  second.stage.see('shop', 'unreachable');
  await expect.poll(() => ends(second), soon).toEqual(['shop open']);
  const [ended] = await second.client.events({ type: 'probe.investigation_completed' });
  expect(await second.client.tickets.show(ended?.ticketId ?? 0)).toMatchObject({ status: 'completed' });
  // What it would have said nobody knows, and it is not asked twice.
  expect(first.stage.asked.length + second.stage.asked.length).toBe(1);
  expect(await titles(second)).toEqual(['🚨 Probe alert · shop', 'Findings · shop']);
  // A third boot finds nothing left to do.
  await second.kora.stop('again');
  const third = await place.raise({ home: first.home });
  third.stage.see('shop', 'unreachable');
  await expect.poll(() => count(third.client, 'kora.boot.ready'), soon).toBe(3);
  expect(await ends(third)).toEqual(['shop open']);
  expect(await titles(third)).toHaveLength(2);
});

test('two runtimes on one store have one ticket and one word for each wake, and one incident of what one of them watches for all', async () => {
  await using place = await Place.make({ probes: ['shop'], spec: () => ({ scope: 'fleet' }) });
  const both = [await place.raise(), await place.raise()];
  const [one, other] = both;
  await healthy(...both);
  for (const { stage } of both) {
    await stage.think(() => Promise.resolve({ status: 'answered', text: 'It was the wind.' }));
    stage.see('shop', 'unreachable');
  }
  if (one === undefined || other === undefined) throw new Error('there are two');
  await expect.poll(() => ends(one), soon).toEqual(['shop open']);
  expect(one.stage.asked.length + other.stage.asked.length).toBe(1);
  for (const { stage } of both) stage.see('shop', 'healthy');
  await expect
    .poll(() => titles(other), soon)
    .toEqual(['🚨 Probe alert · shop', 'Findings · shop', '✅ Recovered · shop']);
  expect(await count(other.client, 'probe.wake_requested')).toBe(1);
  const tickets = await other.client.tickets.list({ limit: 50 });
  expect(tickets.filter(({ kind }) => kind === 'probe_investigation')).toHaveLength(1);
});

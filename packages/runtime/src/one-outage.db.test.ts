import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

const minuteMs = 60_000;
const soon = { timeout: 20_000, interval: 50 };
const probesPlugin = fileURLToPath(new URL('../../plugin-probes/', import.meta.url));

/** What the clocks on the wall say is the script's; what waits, waits as ever. */
interface ScriptedClock extends Clock {
  pass(ms: number): void;
}

/** Begins so far back: what the store writes down, by its own clock, comes after all that was seen. */
function scriptedClock(backMs: number): ScriptedClock {
  const real = systemClock();
  let behind = backMs;
  return { ...real, now: () => real.now() - behind, pass: (ms) => void (behind -= ms) };
}

/** The plugin of the house, from its source. */
async function probesPackage(): Promise<string> {
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const text = readFileSync(join(probesPlugin, 'package.json'), 'utf8');
  const { kora } = JSON.parse(text) as { readonly kora: object };
  const entry = `export { default } from ${JSON.stringify(join(probesPlugin, 'src/index.ts'))};\n`;
  return packages.plugin('probes', { ...kora, configSchema: undefined }, entry);
}

/** A service that answers, until it is told to fail. */
async function service(): Promise<{ readonly url: string; open: boolean }> {
  const shop = { url: '', open: true };
  const server = createServer((_, answer) => answer.writeHead(shop.open ? 200 : 503).end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  server.unref();
  shop.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return shop;
}

interface Up {
  readonly kora: Kora;
  readonly api: KoraClient;
  readonly home: string;
}

interface Scene {
  readonly shop: { open: boolean };
  readonly clock: ScriptedClock;
  /** A runtime on the store, that watches the service and nothing else. */
  up(home?: string): Promise<Up>;
}

async function scene(options: { readonly scope?: 'fleet'; readonly backMs: number }): Promise<Scene> {
  const made = await testDatabase({ empty: true });
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const url = `postgres://${login}@/${made.connection.database}?host=${encodeURIComponent(host)}`;
  const shop = await service();
  const folder = await probesPackage();
  const clock = scriptedClock(options.backMs);
  const probe = { kind: 'http', name: 'shop', url: shop.url, everyMs: 86_400_000, scope: options.scope };
  const config = {
    plugins: { config: { probes: { builtin: false, canary: { enabled: false }, probes: [probe] } } },
    // Nobody acknowledges it here; that this is told again in its thread is the business of alerts.
    alerts: { escalation: { times: 0 } },
  };
  return {
    shop,
    clock,
    up: async (home = testFolder()) => {
      await writeFile(join(home, 'kora.json'), JSON.stringify(config));
      const env = { KORA_DATABASE_URL: url };
      const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [folder], adopt: true, clock });
      onTestFinished(() => kora.stop('the test ends'));
      const { token } = await openHome(home, systemClock());
      return { kora, home, api: createKoraClient({ url: kora.ready.url, token }) };
    },
  };
}

/** Looks once by each runtime in turn, so many times, with that much time after each look. */
async function look(
  { clock }: Scene,
  runtimes: readonly Up[],
  { times, everyMs }: { readonly times: number; readonly everyMs: number },
): Promise<void> {
  for (let at = 0; at < times; at += 1) {
    await runtimes[at % runtimes.length]?.api.runProbe('shop');
    clock.pass(everyMs);
  }
}

/**
 * Every count that the whole story may leave behind, once it is told. The script's clock leaps over what else is due, and
 * the alerts that come of it are another story.
 */
async function told(api: KoraClient): Promise<object> {
  const incidents = await api.incidents({ limit: 100 });
  const tickets = await api.tickets.list({ limit: 100 });
  const wakes = new Set<string | null>(incidents.map(({ wakeId }) => wakeId));
  const messages = (await api.messages({ limit: 100 })).filter(({ correlationId: id }) => wakes.has(id));
  const count = async (type: string): Promise<number> => (await api.events({ type, limit: 100 })).length;
  return {
    incidents: incidents.map(({ probe, status }) => [probe, status]),
    wakes: await count('probe.wake_requested'),
    tickets: tickets.filter(({ kind }) => kind === 'probe_investigation').map(({ status }) => status),
    investigations: await count('probe.investigation_completed'),
    resolved: await count('probe.incident_resolved'),
    titles: messages.toSorted((a, b) => a.messageId - b.messageId).map(({ title }) => title),
    threads: [...new Set(messages.map(({ thread }) => thread.split(':')[0]))],
    manyThreads: new Set(messages.map(({ thread }) => thread)).size,
  };
}

const oneStory = {
  incidents: [['shop', 'resolved']],
  wakes: 1,
  tickets: ['completed'],
  investigations: 1,
  resolved: 1,
  titles: ['🚨 Probe alert · shop', 'Findings · shop', '✅ Recovered · shop'],
  threads: ['incident'],
  manyThreads: 1,
};

const hourMs = 60 * minuteMs;

async function investigated({ api }: Up): Promise<void> {
  await expect
    .poll(async () => (await api.events({ type: 'probe.investigation_completed' })).length, soon)
    .toBeGreaterThan(0);
}

/** Down for an hour: 61 looks, a minute apart. `between` is what happens after the second of them. */
async function outage(
  stage: Scene,
  runtimes: readonly Up[],
  between: () => Promise<readonly Up[]>,
): Promise<void> {
  await look(stage, runtimes, { times: 2, everyMs: minuteMs });
  stage.shop.open = false;
  await look(stage, runtimes, { times: 2, everyMs: minuteMs });
  const after = await between();
  await look(stage, after, { times: 59, everyMs: minuteMs });
  stage.shop.open = true;
  await look(stage, after, { times: 2, everyMs: minuteMs / 2 });
}

test('an outage of an hour: one incident, one wake, one investigation, one thread of first message, findings, recovery', async () => {
  const stage = await scene({ backMs: hourMs + 4 * minuteMs });
  const one = await stage.up();
  await outage(stage, [one], async () => {
    await investigated(one);
    return [one];
  });
  await expect.poll(() => told(one.api), soon).toEqual(oneStory);
  const [{ failures, failingSince, resolvedAt } = { failures: 0, failingSince: '', resolvedAt: '' }] =
    await one.api.incidents();
  // The one look that is made by schedule may fall into the hour, too.
  expect([61, 62]).toContain(failures);
  const lasted = Date.parse(resolvedAt ?? '') - Date.parse(failingSince);
  expect([lasted >= hourMs, lasted < hourMs + 5 * minuteMs]).toEqual([true, true]);
  const [recovery] = (await one.api.messages({ limit: 100 })).filter(({ key }) => key.includes(':resolve:'));
  expect(recovery?.body).toMatch(/\b1 h\b/);
});

test('an hour of going back and forth is the same one story', async () => {
  const stage = await scene({ backMs: hourMs + 20 * minuteMs });
  const one = await stage.up();
  await look(stage, [one], { times: 2, everyMs: minuteMs });
  for (let at = 0; at < 60; at += 1) {
    stage.shop.open = !stage.shop.open;
    await look(stage, [one], { times: 1, everyMs: minuteMs });
    if (at === 10) await investigated(one);
  }
  expect(stage.shop.open).toBe(true);
  expect(await one.api.incidents()).toMatchObject([{ status: 'open', title: 'shop flapping' }]);
  await look(stage, [one], { times: 12, everyMs: minuteMs });
  await expect.poll(() => told(one.api), soon).toEqual(oneStory);
});

test('a restart right after the first message changes nothing of that', async () => {
  const stage = await scene({ backMs: hourMs + 4 * minuteMs });
  const one = await stage.up();
  let again = one;
  await outage(stage, [one], async () => {
    await one.kora.stop('a deploy');
    again = await stage.up(one.home);
    await investigated(again);
    return [again];
  });
  await expect.poll(() => told(again.api), soon).toEqual(oneStory);
});

test('two runtimes that look at one thing for all of the fleet tell one story', async () => {
  const stage = await scene({ scope: 'fleet', backMs: hourMs + 4 * minuteMs });
  const both = [await stage.up(), await stage.up()] as const;
  await outage(stage, both, async () => {
    await investigated(both[1]);
    return both;
  });
  for (const { api } of both) await expect.poll(() => told(api), soon).toEqual(oneStory);
});

test('two runtimes that each look for themselves have an incident each, and one investigation', async () => {
  const stage = await scene({ backMs: hourMs + 4 * minuteMs });
  const both = [await stage.up(), await stage.up()] as const;
  // Each looks half as often, and has to see it fail twice.
  await look(stage, both, { times: 4, everyMs: minuteMs / 2 });
  stage.shop.open = false;
  await look(stage, both, { times: 4, everyMs: minuteMs / 2 });
  await investigated(both[0]);
  await look(stage, both, { times: 60, everyMs: minuteMs });
  stage.shop.open = true;
  await look(stage, both, { times: 4, everyMs: minuteMs / 4 });
  await expect
    .poll(() => told(both[0].api), soon)
    .toMatchObject({
      incidents: [
        ['shop', 'resolved'],
        ['shop', 'resolved'],
      ],
      wakes: 2,
      tickets: ['completed'],
      resolved: 2,
      threads: ['incident'],
      manyThreads: 2,
    });
  const ends = await both[0].api.events({ type: 'probe.investigation_completed' });
  expect(ends.map(({ payload }) => String(payload['outcome'])).toSorted()).toEqual(['debounced', 'open']);
});

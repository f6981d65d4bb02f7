import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import {
  daemonSchema,
  identitySchema,
  pluginSchema,
  promotionLoopSchema,
  promotionRunSchema,
  promotionSchema,
  statusSchema,
  verifySchema,
} from '@kora/runtime/client';
import type { PluginRowView } from '@kora/runtime/client';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended } from './harness/child.ts';
import { HostProject } from './harness/host-project.ts';
import { House, type Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

const broken = ['broken-import', 'broken-manifest', 'broken-hang', 'broken-exit'];
const strangers = ['kora-plugin-tides', 'kora-plugin-echo', ...broken.map((name) => `kora-plugin-${name}`)];

const plugins = z.array(pluginSchema);
const identities = z.array(identitySchema);

describe('a host project outside the repository, with packed packages and strangers’ plugins', () => {
  const house = new House();
  const host = new HostProject(house);
  let installed: Ended;
  let up: Up;

  beforeAll(async () => {
    host.prepare({ http: { port: 0 }, plugins: { config: { tides: { place: 'Brest', everyMs: 200 } } } });
    await host.buildFixture('stranger');
    // With it run its own tests: the two suites of the testkit, on a past that it makes up.
    await host.buildFixture('stranger-loop', '@kora/testkit');
    for (const name of broken) host.packFixture(name);
    installed = await host.add('@kora/runtime', '@kora/cli', ...strangers);
    up = await house.up();
  }, 240_000);

  afterAll(() => house[Symbol.asyncDispose]());

  it('pnpm add ends with 0 and complains of no build script', () => {
    expect(installed.code, installed.stdout + installed.stderr).toBe(0);
    expect(installed.stdout + installed.stderr).not.toMatch(/IGNORED_BUILDS|ignored build scripts/i);
  });

  it('runs the packages of the project, not those of the repository', async () => {
    const { data } = await house.read(plugins, 'plugin', 'list');
    for (const { directory } of data) expect(directory).toContain(host.folder);
  });

  it('the stranger is proven, in a process of its own that is not the runtime’s user', async () => {
    const tides = await until('tides to be proven', async () => {
      const row = await plugin(house, 'tides');
      return row.state === 'proven' ? row : undefined;
    });
    expect(tides).toMatchObject({ isolation: 'process', trusted: false, reason: null, version: '1.0.0' });
    expect(tides.pid).not.toBe(up.ready.pid);
    const status = readFileSync(`/proc/${tides.pid}/status`, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    expect(uid).toBeGreaterThan(0);
    const { data: daemon } = await house.read(daemonSchema, 'daemon', 'show', 'tides');
    expect(daemon).toMatchObject({ pluginName: 'tides', state: 'running', fatal: false });
  });

  it('its events are on the chain, in its own words', async () => {
    const events = z.array(z.object({ payload: z.object({ place: z.string(), heightM: z.number() }) }));
    const { data } = await house.read(events, 'event', 'tail', '--type', 'tides.reckoned');
    expect(data.length).toBeGreaterThan(0);
    expect(data[0]?.payload.place).toBe('Brest');
  });

  const reasons: { id: string; state: RegExp; code: RegExp; says: RegExp }[] = [
    { id: 'broken-import', state: /^degraded$/, code: /^import_failed$/, says: /throws when it is imported/ },
    {
      id: 'broken-manifest',
      state: /^incompatible$/,
      code: /^manifest_invalid$/,
      says: /kora\.id .*kora\.api /s,
    },
    { id: 'broken-hang', state: /^degraded$/, code: /^register_timeout$/, says: /./ },
    { id: 'broken-exit', state: /^(degraded|quarantined)$/, code: /crash|exit/, says: /7/ },
  ];
  it.each(reasons)('$id is there with its reason and what mends it', async ({ id, state, code, says }) => {
    const row = await until(`${id} to have failed`, async () => {
      const found = await plugin(house, id);
      return found.reason === null ? undefined : found;
    });
    expect(row.state).toMatch(state);
    expect(row.reason?.code).toMatch(code);
    expect(row.reason?.message).toMatch(says);
    const why = await house.kora('plugin', 'why', id);
    expect(why.stdout).toContain(row.reason?.fix ?? 'a fix');
  });

  it('the stranger’s loop stands beside those that came with Kora, and proposes from what is on record', async () => {
    const question = 'What is the word for the gate?';
    await recordAsked(house, { question, answer: 'The word is swordfish.', times: 60 });
    const { data: loops } = await house.read(z.array(promotionLoopSchema), 'promotion', 'loops');
    const echo = loops.find(({ name }) => name === 'promote_echo');
    expect(echo).toMatchObject({ plugin: 'echo', kinds: ['phrasebook.entry'] });
    expect(loops.filter((loop) => loop.plugin === 'promote-loops')).toHaveLength(6);
    // The past is the operator's: a stranger is shown it when they say so.
    const may = ['--to', 'plugin:echo', '--reason', 'it may look'];
    expect((await house.kora('capability', 'grant', 'cap_read_runtime', ...may)).code).toBe(0);
    const ran = await house.read(promotionRunSchema, 'promotion', 'run', 'promote_echo', '--reason', 'now');
    expect(ran.data).toMatchObject({ outcome: 'ok', proposed: 1, refused: [] });
    const { data: waiting } = await house.read(z.array(promotionSchema), 'promotion', 'list');
    const [proposal] = waiting.filter(({ loop }) => loop === 'promote_echo');
    const { id = 0, revision = 0 } = proposal ?? {};
    expect(proposal?.examination).toMatchObject({ passed: true, figures: [{ name: 'precision', after: 1 }] });
    const word = ['--revision', String(revision), '--reason', 'so it is'];
    const agreed = await house.kora('promotion', 'approve', String(id), ...word);
    expect(agreed.code, agreed.stderr).toBe(0);
    // There is no engine here: what answers is what was learned.
    expect(await house.api().ask({ text: question })).toMatchObject({
      by: 'phrasebook',
      text: 'The word is swordfish.',
      receipt: { learned: [{ kind: 'phrasebook.entry', revision: 1 }] },
    });
  });

  it('harms nobody: the runtime is ready, the others work, the chain verifies', async () => {
    const { data: status } = await house.read(statusSchema, 'status');
    expect(status).toMatchObject({ primaryState: 'ready', degradationReasons: [], holds: [] });
    for (const id of ['probes', 'promote-loops', 'cockpit', 'reasoning'])
      expect(await plugin(house, id)).toMatchObject({ origin: 'bundled', reason: null });
    expect((await plugin(house, 'probes')).state).toBe('proven');
    expect((await house.read(verifySchema, 'event', 'verify')).data.ok).toBe(true);
  });

  it('stops with all its guests: nothing is left', async () => {
    house.remember(up.ready.pid);
    expect((await house.kora('down')).code).toBe(0);
    await house.empty();
  });

  it('marvin, added to the project, is used by name', async () => {
    const added = await host.add('@kora/plugin-marvin');
    expect(added.code, added.stdout + added.stderr).toBe(0);
    // Its own tests come with it, and need nothing but Node and the runtime; wherever it lies, it finds its files.
    const elsewhere = join(host.folder, 'elsewhere/marvin');
    cpSync(realpathSync(join(host.folder, 'node_modules/@kora/plugin-marvin')), elsewhere, {
      recursive: true,
    });
    const tests = execFileSync(process.execPath, ['--test', 'test/identity.js'], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect(tests).toMatch(/\bpass 6\b[^]*\bfail 0\b/);
    up = await house.up();
    expect((await house.kora('identity', 'use', 'marvin', '--reason', 'a wish')).code).toBe(0);
    await until('marvin to be who Kora is', async () => {
      const { data } = await house.read(identities, 'identity', 'list');
      return data.some(({ name, active }) => name === 'marvin' && active);
    });
    expect((await house.read(identitySchema, 'identity', 'show')).data.soulMd.length).toBeGreaterThan(100);
    expect((await house.kora('down')).code).toBe(0);
    await house.empty();
  });
});

async function plugin(house: House, id: string): Promise<PluginRowView> {
  const { data } = await house.read(plugins, 'plugin', 'list');
  const row = data.find((one) => one.id === id);
  if (row === undefined) throw new Error(`${id} is not listed: ${data.map((one) => one.id).join(', ')}`);
  return row;
}

/** As the runtime would have written it, had an engine answered alike every few hours of the last days. */
async function recordAsked(
  house: House,
  { question, answer, times }: { readonly question: string; readonly answer: string; readonly times: number },
): Promise<void> {
  await using store = await house.store();
  await store.rows(
    `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, wake, question, status, deadline_ms,
       answered_by, text, calls, cost_micro_usd, duration_ms, started_at, ended_at, untrusted)
     select 1, gen_random_uuid()::text, gen_random_uuid()::text, 'cli', 'operator', 'kora ask (cli)', $1, 'answered', 120000,
       'engine', $2, 1, 4000, 1500, at, at + interval '2 seconds', false
     from generate_series(1, $3::int) n, lateral (select clock_timestamp() - n * interval '5 hours' as at) t`,
    [question, answer, times],
  );
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { fileDatabase } from './store/testing/database.ts';

const secret = 'a-secret-of-tides';

/** One runtime of the scene: a home, a workspace of the one database, and what its configuration says. */
interface House {
  readonly kora: Kora;
  readonly api: KoraClient;
  readonly home: string;
}

let packages: PackagesOnDisk;
let store: Awaited<ReturnType<typeof fileDatabase>>;
let bundled: string[];
const houses: Kora[] = [];

beforeAll(async () => {
  store = await fileDatabase({ empty: true });
  packages = await PackagesOnDisk.create();
  const identity = (id: string, agentName: string): Promise<string> =>
    packages.plugin(
      id,
      { id, contributes: { identities: [id] } },
      entryOf(
        id,
        `await context.registerIdentityProvider({ name: '${id}', provide: async ({ workspace }) => ({
           soulMd: '# ${agentName} of ' + workspace, systemPrompt: 'You are ${agentName}.',
           metadata: { agentName: '${agentName}', agentVersion: '1', pluginName: '${id}' } }) });`,
      ),
    );
  const tides = await packages.plugin(
    'tides',
    { id: 'tides', contributes: { panels: ['now'], events: ['tides.said'] }, secrets: ['API_KEY'] },
    entryOf(
      'tides',
      `const { place } = context.config;
       await context.registerEventTypes([{ type: 'tides.said', version: 1, means: 'It said something.',
         payload: z.object({ text: z.string() }) }]);
       await context.registerCockpitPanel({ id: 'now', title: 'The tide now',
         view: async () => ({ kind: 'text', text: place + ', says ' + (await context.identity.current()).name }),
         actions: [{ id: 'say', title: 'Say it', run: async ({ what }) => {
           if (what === 'nothing') throw new Error('nothing to say');
           await context.chain.append({ type: 'tides.said',
             payload: { text: what + ' ' + await context.secret('API_KEY') } });
           return { message: 'said' };
         } }] });`,
      `import { z } from '${import.meta.resolve('zod')}';
       const config = z.object({ place: z.string(), everyMs: z.number().int().default(1000) });`,
    ).replace('config: undefined', 'config'),
  );
  bundled = [await identity('marvin', 'Marvin'), await identity('eddie', 'Eddie'), tides];
}, 60_000);

afterAll(async () => {
  await Promise.all(houses.map((kora) => kora.stop('the tests end')));
  await packages[Symbol.asyncDispose]();
  await store.drop();
});

async function house(workspace: string, config: object): Promise<House> {
  const home = join(packages.root, `home-${workspace}`);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'kora.json'), JSON.stringify(config));
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const url = `postgres://${login}@/${store.connection.database}?host=${encodeURIComponent(host)}`;
  const env = { KORA_DATABASE_URL: url, KORA_PLUGIN_TIDES_API_KEY: secret };
  const kora = await createKora({ home, cwd: home, env, port: 0, workspace, bundled, adopt: true });
  houses.push(kora);
  const { token } = await openHome(home, systemClock());
  return { kora, home, api: createKoraClient({ url: kora.ready.url, token }) };
}

const config = (over: object = {}): object => ({
  plugins: { config: { tides: { place: 'Brest' } } },
  ...over,
});
const nameOf = async ({ api }: House): Promise<string | null> => (await api.status()).identity;
const shows = async ({ api }: House): Promise<unknown> => (await api.panel('tides', 'now')).view;

test('two workspaces, two identities, one process: each is answered as its own, also to its plugins; reversed, they flip', async () => {
  const [north, south] = await Promise.all([
    house('north', config({ identity: { order: ['marvin', 'eddie'] } })),
    house('south', config({ identity: { order: ['eddie', 'marvin'] } })),
  ]);
  expect(await Promise.all([nameOf(north), nameOf(south)])).toEqual(['marvin', 'eddie']);
  expect(await Promise.all([shows(north), shows(south)])).toEqual([
    { kind: 'text', text: 'Brest, says marvin' },
    { kind: 'text', text: 'Brest, says eddie' },
  ]);
  const souls = await Promise.all(
    [north, south].map(async ({ api }) => (await api.identities()).find(({ active }) => active)),
  );
  expect(souls.map((each) => each?.soulMd)).toEqual(['# Marvin of north', '# Eddie of south']);
  expect(souls[0]?.hash).not.toBe(souls[1]?.hash);

  // The operator's word outlives the process and is the workspace's own.
  await north.api.useIdentity('eddie', 'a change of mood');
  expect(await Promise.all([nameOf(north), nameOf(south)])).toEqual(['eddie', 'eddie']);
  await north.kora.stop('again');
  const again = await house('north', config({ identity: { order: ['marvin', 'eddie'] } }));
  expect(await Promise.all([nameOf(again), nameOf(south)])).toEqual(['eddie', 'eddie']);
});

test('two identities without an order: nobody speaks, and doctor names both and the command that chooses', async () => {
  const east = await house('east', config());
  expect(await nameOf(east)).toBeNull();
  const found = (await east.api.findings()).find(({ id }) => id === 'identity');
  expect(found).toMatchObject({
    severity: 'error',
    hint: expect.stringContaining('kora identity use') as string,
  });
  expect(found?.message).toMatch(/marvin \(marvin\).*eddie \(eddie\)|eddie \(eddie\).*marvin \(marvin\)/);
  await expect(shows(east)).rejects.toMatchObject({ code: 'KORA_PANEL_FAILED' });
  await east.api.useIdentity('marvin', 'somebody has to');
  expect(await nameOf(east)).toBe('marvin');
});

test('a configuration is shown with its origins, written once for what was read, given to the plugin, and recorded', async () => {
  const west = await house('west', config({ identity: { order: ['marvin'] } }));
  const { api } = west;
  const before = await api.pluginConfig('tides');
  expect(before).toMatchObject({
    file: join(west.home, 'kora.json'),
    inForce: true,
    block: { place: 'Brest' },
    schemaFrom: 'code',
    values: [
      { key: 'place', value: 'Brest', origin: 'kora.json' },
      { key: 'everyMs', value: 1_000, origin: 'default' },
    ],
    problems: [],
    secrets: [{ name: 'API_KEY', variable: 'KORA_PLUGIN_TIDES_API_KEY', origin: 'variable' }],
    fields: [
      { name: 'place', kind: 'text', required: true },
      { name: 'everyMs', kind: 'number' },
    ],
  });
  const wish = { block: { place: 'Dover' }, hash: before.hash, reason: 'we moved' };
  await expect(api.configurePlugin('tides', { ...wish, block: { place: 7 } })).rejects.toMatchObject({
    code: 'KORA_CONFIG_INVALID',
    message: expect.stringContaining('plugins.config.tides.place') as string,
  });
  const written = await api.configurePlugin('tides', wish);
  expect(written).toMatchObject({
    applied: 'restarted',
    state: 'loaded',
    inForce: true,
    block: { place: 'Dover' },
  });
  expect(await shows(west)).toEqual({ kind: 'text', text: 'Dover, says marvin' });
  await expect(api.configurePlugin('tides', wish)).rejects.toMatchObject({
    code: 'KORA_CONFIG_CHANGED',
    status: 409,
  });
  expect(JSON.parse(readFileSync(join(west.home, 'kora.json'), 'utf8'))).toMatchObject({
    identity: { order: ['marvin'] },
    plugins: { config: { tides: { place: 'Dover' } } },
  });
  const events = await api.events({ type: 'kora.plugin.config_changed' });
  expect(events).toMatchObject([
    {
      actorId: 'operator',
      payload: {
        plugin: 'tides',
        keys: ['place'],
        from_hash: before.hash,
        to_hash: written.hash,
        reason: 'we moved',
      },
    },
  ]);
});

test('an action on a panel is recorded done or failed, what it says of a secret is masked, and under a stop it is refused', async () => {
  const { api } = await house('mid', config({ identity: { order: ['marvin'] } }));
  const say = (what: string) =>
    api.panelAction({ plugin: 'tides', panel: 'now', action: 'say' }, { input: { what }, reason: 'a try' });
  expect(await say('the key is')).toEqual({ message: 'said' });
  await expect(say('nothing')).rejects.toMatchObject({ code: 'KORA_PANEL_FAILED', status: 502 });
  await api.stop(1, 'quiet');
  await expect(say('more')).rejects.toMatchObject({ code: 'KORA_ADMISSION_DENIED', status: 409 });
  await api.resume('on');
  const events = await api.events({ type: 'kora.plugin.panel_action' });
  expect(events.map(({ payload }) => [payload['outcome'], payload['reason']])).toEqual([
    ['ok', 'a try'],
    ['failed', 'a try'],
    ['failed', 'a try'],
  ]);
  expect(await api.events({ type: 'tides.said' })).toMatchObject([
    { payload: { text: 'the key is [secret]' } },
  ]);
  expect((await api.pluginConfig('tides')).secrets).toMatchObject([{ reads: 1 }]);
  expect((await api.panels('tides')).map(({ id }) => id)).toEqual(['now']);
  await expect(api.panels('nobody')).rejects.toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
});

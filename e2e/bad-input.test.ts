import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pluginSchema, statusSchema, ticketSchema, verifySchema } from '@kora/runtime/client';
import { z } from 'zod';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Database } from './harness/database.ts';
import { House, refusalOf, type Problem, type StartOptions } from './harness/house.ts';
import { freePort } from './harness/ports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** `nobody` of every Linux. */
const nobody = 65_534;
const upLine = ['up', '--json', '--port', '0'];

function newHouse(): House {
  const house = new House();
  onTestFinished(() => house[Symbol.asyncDispose]());
  return house;
}

/** A start that is refused; nothing of it may be left. */
async function refusedUp(
  house: House,
  args: readonly string[] = upLine,
  options: StartOptions = {},
): Promise<{ problem: Problem; code: number | null }> {
  const refusal = refusalOf(await house.start(args, options).ended);
  await house.empty();
  return refusal;
}

describe('a configuration that is wrong', () => {
  it('an unknown key: 78, with the file, the key and the nearest one; the home is not touched', async () => {
    const house = newHouse();
    const file = house.file('kora.json', { plugin: { deny: [] } });
    const { problem, code } = await refusedUp(house, [...upLine, '--config', file]);
    expect([problem.code, code]).toEqual(['KORA_CONFIG_UNKNOWN_KEY', 78]);
    expect(problem.message).toContain(file);
    expect(problem.message).toMatch(/plugin\b.*plugins/);
    expect(problem.hint).toContain('kora config validate');
    expect(existsSync(house.home)).toBe(false);
    const validate = await house.kora('config', 'validate', '--config', file);
    expect([validate.code, validate.stderr]).toEqual([78, expect.stringContaining('plugins')]);
  });

  it('a file that is not JSON: 78, with the file and the line', async () => {
    const house = newHouse();
    const file = house.file('kora.json', '{\n  // a comment is fine\n  "http": { "port": }\n}\n');
    const { problem, code } = await refusedUp(house, [...upLine, '--config', file]);
    expect([problem.code, code]).toEqual(['KORA_CONFIG_INVALID', 78]);
    expect(problem.message).toContain(`${file}:3`);
    expect(problem.hint).toBe(`edit ${file} line 3`);
  });

  it('once it is right the same home starts', async () => {
    const house = newHouse();
    const file = house.file('kora.json', { http: { prot: 1 } });
    expect((await refusedUp(house, [...upLine, '--config', file])).problem.message).toMatch(/prot.*port/);
    house.file('kora.json', { http: { port: 0 } });
    expect((await house.up(['--config', file])).ready.primaryState).toBe('ready');
  });
});

describe('a home that cannot be used', () => {
  it('of another user: 77, with the folder and what to do', async () => {
    const house = newHouse();
    // Root may read everything, so the runtime is started as somebody else; anybody else is locked out of this one.
    const isRoot = process.getuid?.() === 0;
    mkdirSync(house.home, { mode: 0o000 });
    const { problem, code } = await refusedUp(house, upLine, isRoot ? { uid: nobody } : {});
    expect([problem.code, code]).toEqual(['KORA_HOME_UNREADABLE', 77]);
    expect(problem.message).toContain(house.home);
    expect(problem.hint).toMatch(/--home|chown/);
  });

  it('that is a file: 77, and the file is as it was', async () => {
    const house = newHouse();
    house.file('home', 'my notes');
    const { problem, code } = await refusedUp(house);
    expect([problem.code, code]).toEqual(['KORA_HOME_UNREADABLE', 77]);
    expect(problem.message).toContain(house.home);
  });
});

describe('a port that is taken', () => {
  it('73, with the port and another way; then the same home starts elsewhere', async () => {
    const house = newHouse();
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    const { problem, code } = await refusedUp(house, ['up', '--json', '--port', String(port)]);
    expect([problem.code, code]).toEqual(['KORA_PORT_TAKEN', 73]);
    expect(problem.message).toContain(String(port));
    expect(problem.hint).toContain(`kora up --port ${port + 1}`);
    expect((await house.up()).ready.primaryState).toBe('ready');
  });
});

describe('a database given by URL', () => {
  it('with a wrong password: 78, without telling the password', async () => {
    const [server, house] = [newHouse(), newHouse()];
    await server.up();
    await using database = await Database.create(server, 'elsewhere');
    await database.open();
    const env = { KORA_DATABASE_URL: database.url('open-sesame') };
    const child = house.start(upLine, { env });
    const { problem, code } = refusalOf(await child.ended);
    expect([problem.code, code]).toEqual(['KORA_STORE_REFUSED', 78]);
    expect(problem.hint).toContain('KORA_DATABASE_URL');
    expect(child.stdout + child.stderr).not.toContain('open-sesame');
  });
});

describe('a database of a newer build', () => {
  it('that changed it in a breaking way: 78, with the build and the command that brings it', async () => {
    const house = newHouse();
    await writtenByNewerBuild(house, 'breaking');
    const { problem, code } = await refusedUp(house);
    expect([problem.code, code]).toEqual(['KORA_SCHEMA_NEWER', 78]);
    expect(problem.message).toMatch(/9\.9\.9.*tomorrow/);
    expect(problem.hint).toBe('npm install @kora/cli@9.9.9');
  });

  it('that changed it in a safe way: it starts', async () => {
    const house = newHouse();
    await writtenByNewerBuild(house, 'safe');
    expect((await house.up()).ready.primaryState).toBe('ready');
  });
});

describe('plugins that are broken', () => {
  it('are listed with their reason and what mends it, and the rest stands', async () => {
    const house = newHouse();
    for (const name of ['broken-import', 'broken-manifest'])
      install(house, `kora-plugin-${name}`, fixture(name));
    for (const id of ['twin-one', 'twin-two']) install(house, `kora-plugin-${id}`, twin(house, id));
    house.file('kora.json', { plugins: { trusted: ['broken-import', 'twin-one', 'twin-two'] } });
    await house.up();
    const { data } = await house.read(z.array(pluginSchema), 'plugin', 'list');
    const of = (id: string): z.infer<typeof pluginSchema> | undefined => data.find((row) => row.id === id);
    expect(of('broken-import')).toMatchObject({ state: 'degraded', reason: { code: 'import_failed' } });
    expect(of('broken-manifest')).toMatchObject({
      state: 'incompatible',
      reason: { code: 'manifest_invalid' },
    });
    expect(of('broken-manifest')?.reason?.message).toContain('package.json: kora.id');
    expect(of('twin-one')).toMatchObject({ reason: null, registered: { daemons: ['twin'] } });
    expect(of('twin-two')).toMatchObject({ state: 'degraded', reason: { code: 'register_failed' } });
    expect(of('twin-two')?.reason?.message).toMatch(/daemon twin of plugin twin-two.*twin-one/);
    for (const id of ['broken-import', 'broken-manifest', 'twin-two'])
      expect(of(id)?.reason?.fix, id).toMatch(/kora plugin remove|deny/);
    // What is wrong with a plugin is an alert, which is looked into: then nothing is left to do.
    const standing = async (): Promise<unknown> => (await house.read(statusSchema, 'status')).data;
    await expect
      .poll(standing, { timeout: 60_000 })
      .toMatchObject({ primaryState: 'ready', degradationReasons: [] });
    const bundled = data.filter(({ origin }) => origin === 'bundled');
    expect(Object.fromEntries(bundled.map(({ id, reason }) => [id, reason]))).toEqual({
      cockpit: null,
      email: null,
      mcp: null,
      probes: null,
      'promote-loops': null,
      reasoning: null,
      slack: null,
      webhooks: null,
    });
  });
});

describe('a ticket whose payload is not JSON', () => {
  it('64, with the flag and an example; nothing is added, and the next one is', async () => {
    const house = newHouse();
    await house.up();
    const add = ['ticket', 'add', '--title', 'a ticket', '--payload'];
    for (const payload of ['{service: checkout}', '[1]', '"text"']) {
      const { problem, code } = await house.refused(...add, payload);
      expect([problem.code, code], payload).toEqual(['KORA_TICKET_INVALID', 64]);
      expect(problem.message).toContain('--payload');
      expect(problem.hint).toContain('--payload \'{"');
    }
    expect((await house.read(z.array(ticketSchema), 'ticket', 'list')).data).toEqual([]);
    const { data } = await house.read(ticketSchema, ...add, '{"service":"checkout"}');
    expect(data.payload).toEqual({ service: 'checkout' });
    expect((await house.read(verifySchema, 'event', 'verify')).data.ok).toBe(true);
  });
});

async function writtenByNewerBuild(house: House, safety: 'safe' | 'breaking'): Promise<void> {
  await house.up();
  await using store = await house.store();
  await store.rows(
    `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
     values ('runtime', 9999, 'tomorrow', $1, 'x', '9.9.9', '')`,
    [safety],
  );
  expect((await house.kora('down')).code).toBe(0);
}

function fixture(name: string): (folder: string) => void {
  return (folder) => cpSync(join(root, 'fixtures', name), folder, { recursive: true });
}

/** A plugin of a given id whose daemon is called `twin`. */
function twin(house: House, id: string): (folder: string) => void {
  const code = `import { definePlugin } from '@kora/runtime/plugin';
export default definePlugin({
  id: '${id}',
  register: (context) =>
    context.registerBackgroundDaemon({ name: 'twin', startup: async () => {}, shutdown: async () => {} }),
});
`;
  const kora = { id, api: 1, entry: './index.js', contributes: { daemons: ['twin'] } };
  const peerDependencies = { '@kora/runtime': '>=0.1.0 <1' };
  const manifest = { name: `kora-plugin-${id}`, version: '1.0.0', type: 'module', kora, peerDependencies };
  linkRuntime(house);
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'index.js'), code);
  };
}

const installed = new WeakMap<House, Record<string, string>>();

/** As an installation leaves it: in node_modules, and among the dependencies of the project around the home. */
function install(house: House, name: string, place: (folder: string) => void): void {
  const dependencies = { ...installed.get(house), [name]: '1.0.0' };
  installed.set(house, dependencies);
  place(join(house.box, 'node_modules', name));
  house.file('package.json', { private: true, dependencies });
}

function linkRuntime(house: House): void {
  const scope = join(house.box, 'node_modules', '@kora');
  mkdirSync(scope, { recursive: true });
  if (!existsSync(join(scope, 'runtime')))
    symlinkSync(join(root, 'packages', 'runtime'), join(scope, 'runtime'));
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultRow, KoraError } from '../fault/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { loadConfiguration } from './index.ts';
import type { LoadConfiguration, LoadedConfiguration } from './index.ts';
import { configSchema } from './schema.ts';

interface House {
  readonly home: string;
  /** Writes the home's kora.json. */
  file(text: string): string;
  load(options?: Partial<LoadConfiguration>): Promise<LoadedConfiguration>;
  /** The error that loading ends with. */
  refusal(options?: Partial<LoadConfiguration>): Promise<KoraError>;
}

function house(): House {
  const home = testFolder();
  const load: House['load'] = (options) =>
    loadConfiguration({ home, cwd: home, env: {}, flags: {}, ...options });
  return {
    home,
    file: (text) => {
      writeFileSync(join(home, 'kora.json'), text);
      return join(home, 'kora.json');
    },
    load,
    refusal: async (options) => {
      const error: unknown = await load(options).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error instanceof KoraError) return error;
      return expect.unreachable(`it should have been refused: ${String(error)}`);
    },
  };
}

test('a home with no file at all is complete', async () => {
  const { load } = house();
  expect(await load()).toMatchObject({
    file: null,
    databaseUrl: undefined,
    config: { workspace: 'default', http: { host: '127.0.0.1', port: 9119 }, log: { level: 'info' } },
  });
});

test('flags win over the environment, which wins over the home’s .env, over the file, over defaults', async () => {
  const { home, file, load } = house();
  const portOf = async (options?: Partial<LoadConfiguration>): Promise<number> =>
    (await load(options)).config.http.port;
  file('{"http":{"port":1001},"workspace":"of-file"}');
  expect(await portOf()).toBe(1001);
  writeFileSync(join(home, '.env'), 'KORA_WEB_PORT=1002\n');
  expect(await portOf()).toBe(1002);
  const env = { KORA_WEB_PORT: '1003' };
  expect(await portOf({ env })).toBe(1003);
  expect(await portOf({ env, flags: { port: 1004 } })).toBe(1004);
  expect((await load({ env })).config.workspace).toBe('of-file');
});

test('a variable that is set to nothing is not set, and hides the home’s', async () => {
  const { home, file, load } = house();
  file('{"http":{"port":1001}}');
  writeFileSync(join(home, '.env'), 'KORA_WEB_PORT=1002\nKORA_DATABASE_URL=postgres://env/x\n');
  const { config, databaseUrl } = await load({ env: { KORA_WEB_PORT: '', KORA_DATABASE_URL: ' ' } });
  expect(config.http.port).toBe(1001);
  expect(databaseUrl).toBeUndefined();
});

test('the host project’s file comes before the home’s, and a named one before both', async () => {
  const { home, file, load } = house();
  const hostProject = join(home, 'project');
  mkdirSync(hostProject);
  file('{"workspace":"home"}');
  writeFileSync(join(hostProject, 'kora.json'), '{"workspace":"project"}');
  writeFileSync(join(home, 'named.json'), '{"workspace":"named"}');
  const workspaceOf = async (options: Partial<LoadConfiguration>): Promise<string> =>
    (await load(options)).config.workspace;
  expect(await workspaceOf({})).toBe('home');
  expect(await workspaceOf({ hostProject })).toBe('project');
  expect(await workspaceOf({ hostProject, file: 'named.json' })).toBe('named');
});

test('a named file that is not there is an error, with the file', async () => {
  const { home, refusal } = house();
  const error = await refusal({ file: 'gone.json' });
  expect(error).toMatchObject({
    code: 'KORA_CONFIG_UNREADABLE',
    details: { file: join(home, 'gone.json') },
  });
  expect(faultRow(error).exit).toBe(78);
});

test('a misspelt key is an error that names the nearest one', async () => {
  const { file, refusal } = house();
  const path = file('{"http":{"prot":1}}');
  const error = await refusal();
  expect(error.code).toBe('KORA_CONFIG_UNKNOWN_KEY');
  expect(error.message).toBe(`${path}: http.prot: unknown key; did you mean "port"?`);
  expect(error.fix).toContain(path);
  expect(faultRow(error).exit).toBe(78);
});

test('a key that is like none is met with those that are known there', async () => {
  const { file, refusal } = house();
  file('{"log":{"verbosity":1}}');
  expect((await refusal()).message).toContain('log.verbosity: unknown key; known here: level');
});

test('all issues are told at once, each with its path', async () => {
  const { file, refusal } = house();
  file('{"workspce":"x","http":{"port":-1,"host":"0.0.0.0"},"log":{"level":"loud"},"plugins":{"deny":7}}');
  const { details } = await refusal();
  const paths = (details['issues'] as { path: string }[]).map(({ path }) => path).sort();
  expect(paths).toEqual(['http.host', 'http.port', 'log.level', 'plugins.deny', 'workspce']);
});

test.each(['42', 'null', '"text"', '[]', '[{"workspace":"x"}]'])(
  'a file that is no object is refused, not passed over: %s',
  async (text) => {
    const { file, refusal } = house();
    const path = file(text);
    expect(await refusal()).toMatchObject({ code: 'KORA_CONFIG_INVALID', details: { file: path } });
  },
);

test('a section that is no object is refused, also when a flag speaks of it', async () => {
  const { file, refusal } = house();
  file('{"http":5}');
  for (const flags of [{}, { port: 1 }]) expect((await refusal({ flags })).message).toContain('http: ');
});

test('comments, trailing commas and a byte order mark are welcome', async () => {
  const { file, load } = house();
  file('\uFEFF{\n  // where it listens\n  "http": { "port": 1001, },\n}\n');
  expect((await load()).config.http.port).toBe(1001);
});

test('what is not JSON is named with its line', async () => {
  const { file, refusal } = house();
  const path = file('{\n  "http": {\n    "port": oops\n  }\n}\n');
  const error = await refusal();
  expect(error).toMatchObject({ code: 'KORA_CONFIG_INVALID', details: { file: path, line: 3 } });
  expect(error.message).toContain(`${path}:3:`);
});

test('a file that was cut to nothing is an error, not a default', async () => {
  const { file, refusal } = house();
  const path = file('');
  expect((await refusal()).message).toContain(`${path}:1: not JSON`);
});

test('a bad value in the environment is named as the schema names it', async () => {
  const { refusal } = house();
  const error = await refusal({ env: { KORA_WEB_PORT: 'many' } });
  expect(error.message).toContain('the environment: http.port: ');
  expect(error.fix).toContain('KORA_');
});

test('the pool is 200 dollars a month, and anything that is no amount is refused, never taken for none (defect 10)', async () => {
  const { file, load, refusal } = house();
  const poolOf = async (env: Record<string, string> = {}): Promise<number> =>
    (await load({ env })).config.spend.poolUsd;
  expect(await poolOf()).toBe(200);
  file('{"spend":{"poolUsd":50}}');
  expect([await poolOf(), await poolOf({ KORA_CREDIT_POOL_USD: '12.5' })]).toEqual([50, 12.5]);
  for (const odd of ['0', '-5', 'much', 'Infinity', '1e30', '0.0000001'])
    expect((await refusal({ env: { KORA_CREDIT_POOL_USD: odd } })).message).toContain('spend.poolUsd');
});

test('what bounds spending has defaults that leave every rung to be reached, and no word of it is taken for another', async () => {
  const { file, load, refusal } = house();
  const { config } = await load();
  expect(config.spend).toMatchObject({ criticalShare: 0.05, pacing: 'smooth', prices: {} });
  expect(config.spend.limits).toEqual({ routes: {}, plugins: {} });
  file('{"spend":{"limits":{"dayUsd":5,"plugins":{"digest":0}},"prices":{"opus":{"input":5,"output":25}}}}');
  expect((await load()).config.spend).toMatchObject({ limits: { dayUsd: 5, plugins: { digest: 0 } } });
  const odd = [
    ['{"limits":{"dayUSD":5}}', 'limits'],
    ['{"limits":{"routes":{"cli":-1}}}', 'limits.routes.cli'],
    ['{"criticalShare":1}', 'criticalShare'],
    ['{"pacing":"fast"}', 'pacing'],
    ['{"prices":{"opus":{"input":5}}}', 'prices.opus.output'],
  ] as const;
  for (const [spend, path] of odd) {
    file(`{"spend":${spend}}`);
    expect((await refusal()).message).toContain(`spend.${path}`);
  }
});

test('the retry ceiling is ten attempts, unless kora.json or the environment says another number', async () => {
  const { file, load, refusal } = house();
  const ceilingOf = async (env: Record<string, string> = {}): Promise<number> =>
    (await load({ env })).config.tickets.retryCeiling;
  expect(await ceilingOf()).toBe(10);
  file('{"tickets":{"retryCeiling":4}}');
  expect([await ceilingOf(), await ceilingOf({ KORA_RETRY_CEILING: '7' })]).toEqual([4, 7]);
  for (const odd of ['0', '-1', '2.5', 'many'])
    expect((await refusal({ env: { KORA_RETRY_CEILING: odd } })).message).toContain('tickets.retryCeiling');
});

test('an unreadable home is the home’s fault, with exit 77', async () => {
  const { home, refusal } = house();
  mkdirSync(join(home, '.env'));
  const error = await refusal();
  expect(error).toMatchObject({ code: 'KORA_HOME_UNREADABLE', details: { home } });
  expect(faultRow(error).exit).toBe(77);
});

test('the database’s URL is a variable, a file that a variable names, or what store.url says', async () => {
  const { home, file, load } = house();
  const secret = join(home, 'secret');
  writeFileSync(secret, 'postgres://of-file/x\n');
  const urlOf = async (env: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await load({ env })).databaseUrl;
  file('{"store":{"url":"postgres://plain/x"}}');
  expect(await urlOf({})).toBe('postgres://plain/x');
  expect(await urlOf({ KORA_DATABASE_URL_FILE: secret })).toBe('postgres://of-file/x');
  expect(await urlOf({ KORA_DATABASE_URL_FILE: secret, KORA_DATABASE_URL: 'postgres://env/x' })).toBe(
    'postgres://env/x',
  );
  file('{"store":{"url":"env:MY_DB"}}');
  expect(await urlOf({ MY_DB: 'postgres://mine/x' })).toBe('postgres://mine/x');
  file(`{"store":{"url":"file:${secret}"}}`);
  expect(await urlOf({})).toBe('postgres://of-file/x');
});

test('the owner’s URL is found in the same places, under a name of its own', async () => {
  const { home, file, load, refusal } = house();
  const urlOf = async (env: Readonly<Record<string, string>> = {}): Promise<string | undefined> =>
    (await load({ env })).migrationUrl;
  expect(await urlOf()).toBeUndefined();
  const secret = join(home, 'owner');
  writeFileSync(secret, 'postgres://owner@file/x\n');
  expect(await urlOf({ KORA_DATABASE_MIGRATION_URL_FILE: secret })).toBe('postgres://owner@file/x');
  expect(await urlOf({ KORA_DATABASE_MIGRATION_URL: 'postgres://owner@env/x' })).toBe(
    'postgres://owner@env/x',
  );
  file('{"store":{"migrationUrl":"env:OWNER_DB"}}');
  expect(await urlOf({ OWNER_DB: 'postgres://owner@mine/x' })).toBe('postgres://owner@mine/x');
  expect((await refusal()).message).toContain('store.migrationUrl names the variable OWNER_DB');
});

test.each([
  ['{"store":{"connections":1}}', 'store.connections'],
  ['{"store":{"statementTimeoutMs":0}}', 'store.statementTimeoutMs'],
  ['{"store":{"lockTimeoutMs":1.5}}', 'store.lockTimeoutMs'],
  ['{"store":{"tls":{"mode":"prefer"}}}', 'store.tls.mode'],
  ['{"store":{"tls":{"caFlie":"x"}}}', 'store.tls.caFlie: unknown key; did you mean "caFile"?'],
])('what the store cannot be set to is named: %s', async (text, names) => {
  const { file, refusal } = house();
  file(text);
  expect((await refusal()).message).toContain(names);
});

test('a secret that is named and not there is an error that names the place', async () => {
  const { home, file, refusal } = house();
  file('{"store":{"url":"env:MY_DB"}}');
  expect((await refusal()).message).toContain('MY_DB');
  const empty = join(home, 'empty');
  writeFileSync(empty, '\n');
  expect((await refusal({ env: { KORA_DATABASE_URL_FILE: empty } })).message).toBe(`${empty} is empty`);
  expect((await refusal({ env: { KORA_DATABASE_URL_FILE: '/nowhere' } })).code).toBe(
    'KORA_CONFIG_UNREADABLE',
  );
});

test('no secret is in what the configuration prints', async () => {
  const { load } = house();
  const { config } = await load({ env: { KORA_DATABASE_URL: 'postgres://u:hunter2@h/x' } });
  expect(JSON.stringify(config)).not.toContain('hunter2');
});

test('the configuration is frozen, all the way down', async () => {
  const { file, load } = house();
  file('{"plugins":{"deny":["x"],"config":{"a":{"b":{"c":1}}}}}');
  const { config } = await load();
  const open: unknown[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) open.push(value);
    Object.values(value).forEach(look);
  };
  look(config);
  expect(open).toEqual([]);
});

test('law: whatever JSON the file holds, it is taken whole or refused with a code', async () => {
  const { file, load } = house();
  const keys = fc.constantFrom('http', 'port', 'plugins', 'config', 'workspace', 'x', '__proto__');
  const content = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(content, async (value) => {
      file(JSON.stringify(value));
      const outcome = await load().then(
        () => 'taken',
        (error: unknown) => (error instanceof KoraError ? error.code : 'a crash'),
      );
      expect(outcome).toMatch(
        configSchema.safeParse(value).success ? /^taken$/ : /^KORA_CONFIG_(INVALID|UNKNOWN_KEY)$/,
      );
    }),
    { numRuns: 200 },
  );
});

test('the key of checkpoints is a reference, and is read from its place', async () => {
  const { home, file, load, refusal } = house();
  expect((await load()).checkpointKey).toBeUndefined();
  const key = join(home, 'key.pem');
  writeFileSync(key, 'a key\n');
  file(`{"chain":{"checkpoint":{"key":"file:${key}"}}}`);
  expect((await load()).checkpointKey).toBe('a key');
  file('{"chain":{"checkpoint":{"key":"env:MY_KEY"}}}');
  expect((await load({ env: { MY_KEY: 'of env' } })).checkpointKey).toBe('of env');
  file('{"chain":{"checkpoint":{"key":"-----BEGIN PRIVATE KEY-----"}}}');
  expect((await refusal()).message).toContain('chain.checkpoint.key');
});

test.each([
  ['{"chain":{"anchors":[{"kind":"pigeon"}]}}', 'chain.anchors.0.kind'],
  ['{"chain":{"anchors":[{"kind":"command","command":[]}]}}', 'chain.anchors.0.command'],
  [
    '{"chain":{"anchors":[{"kind":"git","remote":"--upload-pack=x"}]}}',
    'chain.anchors.0.remote: must not begin with a dash',
  ],
  [
    '{"chain":{"anchors":[{"kind":"git","remote":"r","directory":"../x"}]}}',
    'chain.anchors.0.directory: a relative folder',
  ],
  ['{"chain":{"checkpoint":{"everySeconds":0}}}', 'chain.checkpoint.everySeconds'],
])('an anchor or a checkpoint that cannot be is named: %s', async (text, names) => {
  const { file, refusal } = house();
  file(text);
  expect((await refusal()).message).toContain(names);
});

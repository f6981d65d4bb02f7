import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findingSchema } from '@kora/runtime/client';
import type { Finding } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import { openScene } from '../testing/scene.ts';
import type { Ran, Scene, SceneOptions } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

async function open(options: SceneOptions = {}, env: NodeJS.ProcessEnv = {}): Promise<void> {
  scene = await openScene({ running: false, ...options });
  await writeFile(join(scene.home, 'kora.json'), '{ "http": { "port": 0 } }');
  scene = withEnv(scene, { KORA_HOME: scene.home, HOME: scene.folder, PATH: process.env['PATH'], ...env });
}

/** The same scene with another environment. */
function withEnv(from: Scene, env: NodeJS.ProcessEnv): Scene {
  return { ...from, run: async (...argv) => await from.live(argv, { env }).ended };
}

const found = (ran: Ran): Finding[] =>
  (ran.document().data as unknown[]).map((each) => findingSchema.parse(each));
const byId = (ran: Ran, id: string): Finding | undefined => found(ran).find((each) => each.id === id);

it('on a machine where all is well, exits 0 and says what was looked at', async () => {
  await open();
  const ran = await scene.run('doctor', '--json');
  for (const id of [
    'machine/node',
    'home/private',
    'home/holder',
    'config/valid',
    'store/choice',
    'port/free',
    'project/none',
    'project/runtime',
    'door/census',
  ]) {
    expect(byId(ran, id), id).toMatchObject({ severity: 'info' });
  }
  expect(found(ran).filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(ran.exit).toBe(0);
  expect((await scene.run('doctor')).stdout).toMatch(
    /^ok {7}Node \d+\.[\s\S]*\n0 errors, \d+ warnings?, \d+ well\n$/,
  );
});

it('a home or a secret that others may read, with the command that closes it', async () => {
  await open();
  await chmod(scene.home, 0o755);
  await chmod(join(scene.home, 'api-token'), 0o644);
  const ran = await scene.run('doctor', '--json');
  expect(ran.exit).toBe(1);
  expect(byId(ran, 'home/open')).toMatchObject({ severity: 'warning', hint: `chmod 700 ${scene.home}` });
  expect(byId(ran, 'home/token-open')).toMatchObject({
    severity: 'error',
    hint: `chmod 600 ${scene.home}/api-token`,
  });
  const lint = await scene.run('doctor', '--lint', '--severity-min', 'warning');
  expect(lint.exit).toBe(1);
  expect(lint.stdout).not.toMatch(/^ok/m);
  expect(lint.stdout).toContain(`fix: chmod 700 ${scene.home}`);
});

it('a configuration that is wrong, by its key', async () => {
  await open();
  await writeFile(join(scene.home, 'kora.json'), '{ "htp": {} }');
  const ran = await scene.run('doctor', '--json');
  expect(ran.exit).toBe(1);
  expect(byId(ran, 'config/invalid')).toMatchObject({
    severity: 'error',
    message: expect.stringContaining('htp'),
  });
});

it('a port that somebody else holds', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  await open({}, { KORA_WEB_PORT: String((other.address() as AddressInfo).port) });
  const ran = await scene.run('doctor', '--json');
  other.close();
  expect(byId(ran, 'port/taken')).toMatchObject({
    severity: 'error',
    hint: 'kora up --port 0, or set KORA_WEB_PORT',
  });
});

it('names the database without its password', async () => {
  await open({}, { KORA_DATABASE_URL: 'postgres://kora:hunter2@db.example:5432/house' });
  const ran = await scene.run('doctor', '--json');
  expect(byId(ran, 'store/choice')).toMatchObject({
    message: 'PostgreSQL at db.example:5432/house, up to 12 connections',
  });
  expect(ran.stdout).not.toContain('hunter2');
});

it('a database address that is none', async () => {
  await open({}, { KORA_DATABASE_URL: 'db.example' });
  expect(byId(await scene.run('doctor', '--json'), 'store/url')).toMatchObject({ severity: 'error' });
});

it('adds what the running runtime finds in itself', async () => {
  const own: Finding = {
    id: 'probe/stale',
    severity: 'warning',
    message: 'no probe ran',
    path: null,
    hint: 'kora probe run x',
  };
  await open({ running: true, routes: { 'GET /api/doctor': () => [own] } });
  const ran = await scene.run('doctor', '--json');
  expect(found(ran)).toContainEqual(own);
  expect(byId(ran, 'home/holder')?.message).toContain(scene.api.url);
  expect((await scene.run('doctor', '--severity-min', 'warning')).exit).toBe(1);
});

it('a runtime that does not speak is an error, not the end of the examination', async () => {
  await open({ running: true });
  const ran = await scene.run('doctor', '--json');
  expect(byId(ran, 'runtime/silent')).toMatchObject({ severity: 'error' });
  expect(byId(ran, 'machine/node')).toBeDefined();
});

it('a plugin that does not fit is a warning with its own fix', async () => {
  await open();
  await writeFile(
    join(scene.folder, 'package.json'),
    JSON.stringify({ name: 'host', dependencies: { absent: '1.0.0' } }),
  );
  await writeFile(join(scene.folder, 'kora.json'), '{ "http": { "port": 0 } }');
  const ran = await scene.run('doctor', '--json');
  expect(byId(ran, 'project/found')).toMatchObject({ path: join(scene.folder, 'package.json') });
  expect(byId(ran, 'project/not-installed')).toMatchObject({ severity: 'error', hint: 'pnpm install' });
});

it('counts the ways out of the process by door, and lists each when it is asked to', async () => {
  await open();
  const short = await scene.run('doctor', '--json');
  expect(byId(short, 'door/census')?.message).toMatch(
    / by door: .*claim \d+.*tool_call \d+.*; \d+ by a named exemption/,
  );
  expect(byId(short, 'door/site')).toBeUndefined();
  const long = found(await scene.run('doctor', '--census', '--json')).filter(({ id }) => id === 'door/site');
  expect(long).toContainEqual(
    expect.objectContaining({
      severity: 'info',
      message: 'claim: askHandler reaches TicketHandler.work',
      path: 'packages/runtime/src/ticket/worker/attempt.ts',
    }),
  );
});

it('names the trusted plugins of the host, whose calls no door covers', async () => {
  await open();
  await plantPlugin(
    'chatty',
    "import net from 'node:net'; export default await fetch('http://127.0.0.1'), net;",
  );
  await plantPlugin('guest', "import 'node:net'; export default {};");
  const config = { http: { port: 0 }, plugins: { trusted: ['chatty'] } };
  await writeFile(join(scene.folder, 'kora.json'), JSON.stringify(config));
  const dependencies = { chatty: '1.0.0', guest: '1.0.0' };
  await writeFile(join(scene.folder, 'package.json'), JSON.stringify({ name: 'host', dependencies }));
  const named = found(await scene.run('doctor', '--json')).filter(({ id }) => id === 'door/not-covered');
  expect(named.map(({ message }) => message)).toEqual([
    "plugin chatty runs in the runtime's process, and no door covers what it calls: its entry names fetch, node:net",
  ]);
});

async function plantPlugin(id: string, text: string): Promise<void> {
  const folder = join(scene.folder, 'node_modules', id);
  await mkdir(folder, { recursive: true });
  const kora = { id, api: 1, entry: './index.js', minRuntime: '0.1.0', contributes: {}, capabilities: [] };
  const manifest = { name: id, version: '1.0.0', type: 'module', exports: './index.js', kora };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'index.js'), text);
}

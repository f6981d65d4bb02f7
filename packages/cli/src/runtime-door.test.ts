import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, parse } from 'node:path';
import * as runtime from '@kora/runtime';
import { expect, it } from 'vitest';
import * as basics from './basics.ts';
import { nodeRuntimeDoor } from './runtime-door.ts';
import type { Basics, RuntimeModule } from './runtime.ts';

// The compiler's part of the test: what the port asks for, the real packages have.
const real: RuntimeModule = runtime;
const light: Basics = basics;

it('the port is what @kora/runtime exports', () => {
  expect(real.createKora).toBeTypeOf('function');
  expect(light.faultTable).toBe(runtime.faultTable);
});

it('finds its own copy where there is no host project, and the bundled plugins', async () => {
  const door = nodeRuntimeDoor();
  const { module, origin, version } = await door.composing(parse(tmpdir()).root);
  expect(origin).toBe('own');
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(module.createKora).toBeTypeOf('function');
  const folders = door.bundled();
  expect(folders.map((folder) => basename(folder))).toEqual([
    'plugin-email',
    'plugin-mcp',
    'plugin-probes',
    'plugin-reasoning',
    'plugin-slack',
    'plugin-webhooks',
    'cockpit',
    'promote-loops',
  ]);
  expect(folders.every((folder) => existsSync(join(folder, 'package.json')))).toBe(true);
});

it('takes the copy of the host project when that has one', async () => {
  const host = await mkdtemp(join(tmpdir(), 'kora-host-'));
  const installed = join(host, 'node_modules', '@kora', 'runtime');
  await mkdir(installed, { recursive: true });
  const exports = { '.': './index.js', './package.json': './package.json' };
  await writeFile(
    join(installed, 'package.json'),
    JSON.stringify({ name: '@kora/runtime', version: '9.9.9', type: 'module', exports }),
  );
  await writeFile(join(installed, 'index.js'), 'export const createKora = () => "of the host";');
  await mkdir(join(host, 'src'));
  const { module, origin, version } = await nodeRuntimeDoor().composing(join(host, 'src'));
  expect({ origin, version, start: String(module.createKora) }).toEqual({
    origin: 'host',
    version: '9.9.9',
    start: '() => "of the host"',
  });
  await rm(host, { recursive: true, force: true });
});

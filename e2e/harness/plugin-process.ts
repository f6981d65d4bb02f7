// A real runtime in a process that can be killed: node plugin-process.ts HOME SCENE, the store's address and the plugin's secrets
// in the environment. It says where it listens, and stops when told to.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createKora } from '@kora/runtime';
import type { Scene } from './living-runtime.ts';

const entry = './index.js';
const mark = 'kora.test.plugin';

function packageIn(home: string, name: string, kora: object, text: string): string {
  const directory = join(home, 'bundled', name);
  mkdirSync(directory, { recursive: true });
  const manifest = { name: `test-${name}`, version: '0.0.1', type: 'module', kora: { ...kora, entry } };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'index.js'), text);
  return directory;
}

const [, , home = '', given = '{}'] = process.argv;
const { plugin, guests } = JSON.parse(given) as Scene;
const source: unknown = await import(pathToFileURL(join(plugin, 'src/index.ts')).href);
Reflect.set(globalThis, Symbol.for(mark), source);
const own = JSON.parse(readFileSync(join(plugin, 'package.json'), 'utf8')) as {
  readonly kora: Readonly<Record<string, unknown>> & { readonly id: string };
};
const { configSchema: _schema, ...block } = own.kora;
const runtime = await createKora({
  home,
  cwd: home,
  env: process.env,
  port: 0,
  bundled: [
    packageIn(home, block.id, block, `export default globalThis[Symbol.for('${mark}')].default;`),
    ...guests.map(({ contributes, text, id }) => packageIn(home, id, { id, api: 1, contributes }, text)),
  ],
  adopt: true,
});
process.once('SIGTERM', () => void runtime.stop('the test ends'));
process.stdout.write(`${JSON.stringify({ url: runtime.ready.url })}\n`);

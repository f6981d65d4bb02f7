import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ running: false })));
afterEach(async () => await scene.close());

it('no file at all is complete', async () => {
  const ran = await scene.run('config', 'validate', '--json');
  expect(ran).toMatchObject({ exit: 0 });
  expect(ran.document().data).toEqual({ valid: true, file: null });
});

it('names the file it read', async () => {
  const file = join(scene.home, 'kora.json');
  await writeFile(file, '{ // comments are fine\n  "http": { "port": 8080, }, }');
  expect(await scene.run('config', 'validate')).toMatchObject({ exit: 0, stdout: `valid  ${file}\n` });
});

it.each([
  ['an unknown key', '{ "htpp": {} }', 'KORA_CONFIG_UNKNOWN_KEY', 'htpp'],
  ['a value of the wrong shape', '{ "http": { "port": "high" } }', 'KORA_CONFIG_INVALID', 'http.port'],
  ['no JSON', '{ "http": ', 'KORA_CONFIG_INVALID', 'kora.json'],
])('%s exits 78, naming file and key', async (_case, text, code, named) => {
  const file = join(scene.folder, 'mine.kora.json');
  await writeFile(file, text);
  const ran = await scene.run('config', 'validate', '--config', 'mine.kora.json', '--json');
  expect(ran.exit).toBe(78);
  expect(ran.document().error).toMatchObject({ type: 'invalid', code });
  expect(ran.document().error['message']).toContain(file);
  expect(ran.document().error['message']).toContain(named);
});

it('a file that was named and is not there is 78', async () => {
  const ran = await scene.run('config', 'validate', '--config', 'none.json');
  expect(ran).toMatchObject({ exit: 78, stderr: expect.stringContaining('none.json does not exist') });
});

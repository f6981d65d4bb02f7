import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Child, ChildOptions } from '../host.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const ready = {
  event: 'ready',
  url: 'http://127.0.0.1:9119',
  cockpitUrl: null,
  guestUrl: 'http://127.0.0.1:9120',
  pid: 55,
  bootMs: 900,
  primaryState: 'paused',
};

/** A child that announces, or ends, at once. */
function childThat(act: { readonly says?: object; readonly ends?: number | null }) {
  const started: ChildOptions[] = [];
  let released = 0;
  const start = async (options: ChildOptions): Promise<Child> => {
    started.push(options);
    return await Promise.resolve({
      pid: 55,
      onMessage: (listener) => {
        if (act.says !== undefined) queueMicrotask(() => listener(act.says));
      },
      onEnd: (listener) => {
        if (act.ends !== undefined) queueMicrotask(() => listener(act.ends ?? null));
      },
      release: () => void (released += 1),
    });
  };
  return { start, started, released: () => released };
}

it('starts itself with the same wishes and a log in the home, waits for the ready line, and lets go', async () => {
  const child = childThat({ says: ready });
  scene = await openScene({ running: false, start: child.start });
  const ran = await scene.run('up', '--detach', '--port', '0', '--config', 'k.json', '--workspace', 'w');
  expect(ran).toMatchObject({
    exit: 0,
    stdout:
      'ready  http://127.0.0.1:9119  pid 55  boot 900 ms  state paused\nguest pages  http://127.0.0.1:9120\n',
  });
  const logFile = join(scene.home, 'logs', 'up.log');
  expect(ran.stderr).toBe(`starting in the background, pid 55; log ${logFile}\n`);
  expect(child.started).toMatchObject([{ command: 'node', logFile }]);
  expect(child.started[0]?.args).toEqual([
    'kora.js',
    'up',
    '--home',
    scene.home,
    '--no-color',
    '--config',
    `${scene.folder}/k.json`,
    '--port',
    '0',
    '--workspace',
    'w',
  ]);
  expect((await stat(join(scene.home, 'logs'))).mode & 0o777).toBe(0o700);
  expect(child.released()).toBe(1);
});

it('prints the same NDJSON as in the foreground', async () => {
  scene = await openScene({ running: false, start: childThat({ says: ready }).start });
  expect(JSON.parse((await scene.run('up', '--detach', '--json')).stdout)).toEqual(ready);
});

it('fails as the child failed', async () => {
  const problem = { code: 'KORA_HOME_LOCKED', message: 'held by pid 77', hint: 'kora down', exit: 73 };
  scene = await openScene({ running: false, start: childThat({ says: { event: 'failed', problem } }).start });
  expect(await scene.run('up', '--detach')).toMatchObject({
    exit: 73,
    stderr: expect.stringContaining('held by pid 77'),
  });
});

it('a child that ends without a word is named with its exit code and its log', async () => {
  scene = await openScene({ running: false, start: childThat({ ends: 9 }).start });
  const ran = await scene.run('up', '--detach');
  expect(ran).toMatchObject({
    exit: 75,
    stderr: expect.stringContaining('ended with exit code 9 before it was ready'),
  });
  expect(ran.stderr).toContain(`tail ${scene.home}/logs/up.log`);
});

it('a boot that takes too long goes on alone', async () => {
  scene = await openScene({ running: false, start: childThat({}).start });
  expect(await scene.run('up', '--detach')).toMatchObject({
    exit: 75,
    stderr: expect.stringContaining('it goes on starting'),
  });
});

it('a home that cannot be made is 77', async () => {
  scene = await openScene({ running: false, start: childThat({}).start });
  await writeFile(join(scene.folder, 'a-file'), '');
  const home = join(scene.folder, 'a-file', 'home');
  const ran = await scene.run('up', '--detach', '--home', home);
  expect(ran).toMatchObject({
    exit: 77,
    stderr: expect.stringContaining(`cannot create ${home}/logs`),
  });
});

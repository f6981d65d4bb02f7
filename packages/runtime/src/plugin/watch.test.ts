import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { readHostProject } from './host-project.ts';
import type { HostPackage } from './host-project.ts';
import { VersionsOnDisk } from './testing/versions-on-disk.ts';
import { watchProject } from './watch.ts';

let versions: VersionsOnDisk;
let clock: FakeClock;
let ending: AbortController;
let host: HostPackage | undefined;
let changes: number;
let fails: boolean;
let errors: unknown[];
let watching: Promise<void>;

beforeEach(async () => {
  versions = await VersionsOnDisk.create();
  host = readHostProject(versions.directory);
  clock = new FakeClock();
  ending = new AbortController();
  [changes, fails, errors] = [0, false, []];
  watching = watchProject(
    {
      host: () => host,
      clock,
      onChange: async () => {
        changes += 1;
        if (fails) throw new Error('the configuration cannot be read');
      },
      onError: (error) => void errors.push(error),
    },
    ending.signal,
  );
  await asleep();
});
afterEach(async () => {
  ending.abort();
  await watching;
  await versions[Symbol.asyncDispose]();
});

/** The files are the machine's: a look takes as long as it takes. */
async function asleep(): Promise<void> {
  await vi.waitFor(() => expect(clock.sleeping).toBe(1), { interval: 1 });
}

async function look(times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await clock.advance(1_000);
    await asleep();
  }
}

test('what lies still is left alone; what was installed is looked at once', async () => {
  await look(3);
  expect(changes).toBe(0);
  await versions.install({ id: 'tide', version: '1.0.0' });
  await look(5);
  expect(changes).toBe(1);
});

test('while a package manager writes, nobody reads half of it', async () => {
  for (let step = 0; step < 5; step += 1) {
    await writeFile(join(versions.directory, 'pnpm-lock.yaml'), 'x'.repeat(step + 1));
    await look();
  }
  expect(changes).toBe(0);
  await look(2);
  expect(changes).toBe(1);
});

test('only what the package manager writes when it is done has changed: that is a change', async () => {
  await versions.disk.write('host/node_modules', { '.modules.yaml': 'done' });
  await look(2);
  expect(changes).toBe(1);
});

test('a reading that failed is told, and tried again in half a minute', async () => {
  fails = true;
  await versions.install({ id: 'tide', version: '1.0.0' });
  await look(10);
  expect([changes, errors.length]).toEqual([1, 1]);
  fails = false;
  await look(25);
  expect([changes, errors.length]).toEqual([2, 1]);
  await look(40);
  expect(changes).toBe(2);
});

test('without a host project there is nothing to watch, and it ends with its signal', async () => {
  host = undefined;
  await look(2);
  const before = changes;
  await look(3);
  expect(changes).toBe(before);
  ending.abort();
  await watching;
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@kora/runtime/plugin';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { conformance } from './index.ts';
import { capabilities, contributes, goodEntry, seeded } from './testing/seeds.ts';
import type { Seed } from './testing/seeds.ts';

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'kora-testkit-'))));
afterAll(async () => await rm(root, { recursive: true, force: true }));

/** The checks that a seed does not pass, with what they say. */
async function failures(name: string, seed: Seed): Promise<Map<string, string>> {
  const packageDir = join(root, name);
  await mkdir(packageDir);
  const kora = { id: 'seed', api: 1, entry: './index.mjs', contributes, capabilities, ...seed.kora };
  await writeFile(join(packageDir, 'package.json'), JSON.stringify({ name: 'seed', version: '1.0.0', kora }));
  await writeFile(join(packageDir, 'index.mjs'), seed.entry ?? goodEntry);
  const found = new Map<string, string>();
  const patience = { packageDir, patienceMs: 80, nodeArgs: [] };
  for (const { id, run } of conformance(seeded(seed), patience))
    await run().catch((error: unknown) => found.set(id, messageOf(error)));
  return found;
}

it('a plugin that is as it should be passes every check', async () => {
  expect([...(await failures('good', {}))]).toEqual([]);
});

const forever = new Promise<never>(() => undefined);
let lives = 0;

type Row = readonly [check: string, says: RegExp, seed: Seed, also?: readonly string[]];

const seeds: readonly Row[] = [
  [
    'declared-is-registered',
    /daemons registered and not declared: seed_loop/,
    { kora: { contributes: { ...contributes, daemons: [] } } },
  ],
  ['register-all-or-nothing', /register resolves all the same/, { swallows: true }],
  [
    'dispose-leaves-nothing',
    /this is left: a timer/,
    { startup: () => Promise.resolve(void setInterval(() => undefined, 60_000)) },
  ],
  [
    'dispose-twice',
    /after a restart: it was started before/,
    {
      startup: () => {
        lives += 1;
        return lives % 2 === 0 ? Promise.reject(new Error('it was started before')) : Promise.resolve();
      },
    },
  ],
  [
    'startup-honours-signal',
    /the start of daemon seed_loop goes on/,
    { startup: async ({ clock }) => void (await clock.sleep(5_000)) },
  ],
  [
    'shutdown-in-time',
    /daemon seed_loop did not shut down within 10000 ms/,
    { shutdown: async ({ clock }) => void (await clock.sleep(3_600_000)) },
    ['dispose-leaves-nothing', 'dispose-twice', 'register-all-or-nothing'],
  ],
  [
    'import-does-nothing',
    /left 1 more open Timeout; printed "hello"/,
    { entry: `console.log('hello'); setInterval(() => {}, 60_000);\n${goodEntry}` },
  ],
  [
    'config-round-trips',
    /cannot be written as JSON Schema/,
    { config: z.object({ since: z.date().default(new Date(0)) }) },
  ],
  [
    'tasks-honour-abort',
    /task seed.tick goes on/,
    { run: () => forever },
    // It goes on after the plugin has gone, too.
    ['dispose-leaves-nothing'],
  ],
  [
    'tools-say-what-they-take',
    /tool seed__look needs cap_seed_look, which is not among the capabilities/,
    { kora: { capabilities: [] } },
  ],
  ['tools-honour-abort', /tool seed__look goes on/, { look: () => forever }],
  [
    'everything-parses',
    /seed.ticked/,
    { run: ({ chain }) => chain.append({ type: 'seed.ticked', payload: { n: 'one' } }) },
    ['crosses-a-process'],
  ],
  [
    'crosses-a-process',
    /what is given to tickets.add: it.payload.when is a Date/,
    {
      run: async ({ tickets }) =>
        void (await tickets.add({ kind: 'seed_work', title: 'later', payload: { when: new Date(0) } })),
    },
  ],
];

it.each(seeds.map((row) => ({ check: row[0], row })))('$check fails for its seed', async ({ row }) => {
  const [check, says, seed, also = []] = row;
  lives = 0;
  const found = await failures(check, seed);
  expect(found.get(check)).toMatch(says);
  expect([...found.keys()].filter((id) => id !== check && !also.includes(id))).toEqual([]);
});

it('there is a seed for every check', () => {
  const ids = conformance(seeded({}), { packageDir: root }).map(({ id }) => id);
  expect(seeds.map(([check]) => check).toSorted()).toEqual(ids.toSorted());
});

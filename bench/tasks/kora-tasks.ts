// A whole runtime with one plugin that brings daemons with tasks, on the database that is given, with a home of its own.
import { channel, subscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKora } from '@kora/runtime';
import type { PluginContext } from '@kora/runtime/plugin';
import { urlOf } from '../server/server.ts';
import { began, cronOf, loadOf, tell } from './load.ts';

const load = loadOf();
const folder = mkdtempSync(join(tmpdir(), 'kora-bench-tasks-'));
const home = join(folder, 'home');
const plugin = join(folder, 'plugin');
const daemons = Array.from({ length: load.daemons }, (_, n) => `daemon-${n}`);
const tasks = load.when === 'never' ? [] : Array.from({ length: load.tasks }, (_, n) => `task-${n}`);

mkdirSync(home);
mkdirSync(plugin);
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(plugin, 'node_modules'));
writeFileSync(
  join(plugin, 'package.json'),
  JSON.stringify({
    name: 'kora-plugin-bench-tasks',
    version: '1.0.0',
    type: 'module',
    exports: './index.mjs',
    kora: { id: 'bench-tasks', api: 1, entry: './index.mjs', contributes: { daemons, tasks } },
    peerDependencies: { '@kora/runtime': '>=0.1.0 <1' },
  }),
);
writeFileSync(
  join(plugin, 'index.mjs'),
  `import { channel } from 'node:diagnostics_channel';
import { definePlugin } from '@kora/runtime/plugin';
export default definePlugin({ id: 'bench-tasks', register: (context) => {
  const given = { context };
  channel('kora-bench-tasks').publish(given);
  return given.registered;
} });
`,
);
subscribe('kora-bench-tasks', (given) => {
  const asked = given as { readonly context: PluginContext<unknown>; registered: Promise<void> };
  asked.registered = register(asked.context);
});
// Held, or the subscription goes with it.
const held = channel('kora-bench-tasks');

const kora = await createKora({
  home,
  cwd: home,
  env: { ...process.env, KORA_DATABASE_URL: urlOf(load.connection) },
  port: 0,
  bundled: [plugin],
  adopt: true,
});
await tell(load);
await kora.stop('the benchmark is over');
rmSync(folder, { recursive: true, force: true });
process.exit(held.hasSubscribers ? 0 : 1);

async function register(context: PluginContext<unknown>): Promise<void> {
  for (const [at, name] of daemons.entries()) {
    await context.registerBackgroundDaemon({
      name,
      startup: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
      periodicTasks: tasks.flatMap((task, n) =>
        n % daemons.length === at
          ? {
              name: task,
              cadence: { cron: cronOf(load, n) },
              purpose: 'act' as const,
              run: ({ scheduledAt }: { readonly scheduledAt: string }) => {
                began(Date.parse(scheduledAt));
                return Promise.resolve('ok' as const);
              },
            }
          : [],
      ),
    });
  }
}

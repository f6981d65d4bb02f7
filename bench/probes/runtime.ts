import { channel, subscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKora } from '@kora/runtime';
import type { KoraOptions } from '@kora/runtime';
import type { PluginContext } from '@kora/runtime/plugin';
import type pg from 'pg';
import { urlOf } from '../server/server.ts';

export interface BenchRuntime {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

export interface BenchRuntimeOptions {
  readonly connection: pg.ClientConfig;
  /** What kora.json says. */
  readonly config?: object;
  /** Package folders of plugins. */
  readonly bundled?: readonly string[];
  /** What that plugin says it brings; by default probes. */
  readonly contributes?: object;
  /** Stands in a plugin of its own. */
  readonly register?: (context: PluginContext<unknown>) => Promise<void>;
  readonly onMessage?: KoraOptions['onMessage'];
}

/** A whole runtime in this process, on the database that is given, with a home of its own that goes when it stops. */
export async function benchRuntime(options: BenchRuntimeOptions): Promise<BenchRuntime> {
  const folder = mkdtempSync(join(tmpdir(), 'kora-bench-probes-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'kora.json'), JSON.stringify(options.config ?? {}));
  const { register, onMessage, bundled = [], contributes = { probes: ['custom'] } } = options;
  const own = register === undefined ? [] : [pluginAt(join(folder, 'plugin'), register, contributes)];
  const kora = await createKora({
    home,
    cwd: home,
    env: { KORA_DATABASE_URL: urlOf(options.connection) },
    port: 0,
    bundled: [...bundled, ...own],
    adopt: true,
    ...(onMessage === undefined ? {} : { onMessage }),
  });
  return {
    url: kora.ready.url,
    token: readFileSync(join(home, 'api-token'), 'utf8').trim(),
    stop: async () => {
      await kora.stop('the benchmark is over');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A package whose plugin registers by what is in this process. */
function pluginAt(
  plugin: string,
  register: (context: PluginContext<unknown>) => Promise<void>,
  contributes: object,
): string {
  mkdirSync(plugin);
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(plugin, 'node_modules'));
  const kora = { id: 'bench-probes', api: 1, entry: './index.mjs', contributes };
  const manifest = {
    name: 'kora-plugin-bench-probes',
    version: '1.0.0',
    type: 'module',
    exports: './index.mjs',
  };
  writeFileSync(join(plugin, 'package.json'), JSON.stringify({ ...manifest, kora }));
  writeFileSync(
    join(plugin, 'index.mjs'),
    `import { channel } from 'node:diagnostics_channel';
import { definePlugin } from '@kora/runtime/plugin';
export default definePlugin({ id: 'bench-probes', register: (context) => {
  const given = { context };
  channel('kora-bench-probes').publish(given);
  return given.registered;
} });
`,
  );
  subscribe('kora-bench-probes', (given) => {
    const asked = given as { readonly context: PluginContext<unknown>; registered: Promise<void> };
    asked.registered = register(asked.context);
  });
  held.push(channel('kora-bench-probes'));
  return plugin;
}

/** A channel that nobody holds goes, and its subscription with it. */
const held: unknown[] = [];

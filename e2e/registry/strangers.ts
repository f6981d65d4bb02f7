import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/pack.ts';
import type { Machine } from './machine.ts';

/** Three plugins of people who know nothing of this repository, as they stand on their authors' disks. */
export interface Strangers {
  /** Written in TypeScript for the runtime of its day, and never touched again. */
  readonly tides: string;
  /** Needs a runtime that is not out yet. */
  readonly tomorrow: string;
  /** Says itself that it ends before the next runtime. */
  readonly yesterday: string;
}

/** Puts them on an author's machine; `now` and `next` are versions of the runtime. */
export function strangersOn(
  machine: Machine,
  { now, next }: { readonly now: string; readonly next: string },
): Strangers {
  const tides = machine.folder('tides');
  cpSync(join(root, 'fixtures', 'stranger'), tides, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist)$/.test(path),
  });
  return {
    tides,
    tomorrow: written(machine, { id: 'tomorrow', minRuntime: next, peer: `>=${now} <1` }),
    yesterday: written(machine, { id: 'yesterday', minRuntime: now, peer: `>=${now} <${next}` }),
  };
}

/** A plugin by hand: two files. */
function written(
  machine: Machine,
  { id, minRuntime, peer }: { readonly id: string; readonly minRuntime: string; readonly peer: string },
): string {
  const folder = machine.folder(`kora-plugin-${id}`);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: `kora-plugin-${id}`,
    version: '1.0.0',
    description: `Kora plugin: ticks, for runtimes that suit ${id}.`,
    keywords: ['kora-plugin'],
    license: 'MIT',
    type: 'module',
    exports: './index.js',
    kora: { id, api: 1, entry: './index.js', minRuntime, contributes: { tasks: [`${id}.tick`] } },
    peerDependencies: { '@kora/runtime': peer },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const code = `import { definePlugin } from '@kora/runtime/plugin';

export default definePlugin({
  id: '${id}',
  async register(context) {
    await context.registerPeriodicTask({
      name: '${id}.tick',
      cadence: { everyMs: 1_000 },
      purpose: 'observe',
      scope: 'runtime',
      run: async () => 'ok',
    });
  },
});
`;
  writeFileSync(join(folder, 'index.js'), code);
  return folder;
}

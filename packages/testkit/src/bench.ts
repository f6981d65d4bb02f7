/**
 * The bench: the process in which `kora plugin check --execute`, `kora plugin manifest` and `kora plugin dev` look at a
 * plugin, so that the command itself loads none of its code. One order a process; what it finds it tells its parent.
 */
import { messageOf } from '@kora/runtime/plugin';
import { lendRuntime } from '@kora/runtime/testkit';
import { checkPlugin, executePlugin } from './bench/check.ts';
import { runDev } from './bench/dev.ts';
import { writeManifest } from './bench/manifest.ts';
import type { BenchAnswer, BenchOrder, BenchWord } from './bench/orders.ts';

export type {
  BenchAnswer,
  BenchOrder,
  BenchWord,
  CheckAnswer,
  DevAnswer,
  ManifestAnswer,
} from './bench/orders.ts';
export type { PackageFinding } from './check/contract.ts';
export type { Happening } from './contract.ts';

function tell(word: BenchWord): void {
  process.send?.(word);
}

async function obey(order: BenchOrder): Promise<BenchAnswer> {
  if (order.verb === 'check') return checkPlugin(order);
  if (order.verb === 'execute') return executePlugin(order.directory);
  if (order.verb === 'manifest') return writeManifest(order);
  return runDev(order, (happening) => tell({ kind: 'happening', happening }));
}

async function work(order: BenchOrder): Promise<void> {
  lendRuntime();
  let word: BenchWord;
  try {
    word = { kind: 'done', answer: await obey(order) };
  } catch (error) {
    const code = wordOf(error, 'code') ?? 'PLUGIN_ERROR';
    word = { kind: 'failed', code, message: messageOf(error), fix: wordOf(error, 'fix') };
  }
  // Whatever the plugin has left open, this process goes.
  process.send?.(word, () => process.exit(0));
}

function wordOf(error: unknown, key: string): string | null {
  const found: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof found === 'string' ? found : null;
}

// Imported by whoever only tries its doors, it does nothing. The order comes over the channel: it may hold secrets, and
// arguments are for everybody on the machine to read.
if (process.argv[2] === 'bench') process.once('message', (order: BenchOrder) => void work(order));

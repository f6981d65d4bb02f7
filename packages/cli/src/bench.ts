import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchAnswer, BenchOrder, BenchWord, Happening } from '@kora/testkit/bench';
import type { Context } from './context.ts';
import { refusal } from './fault.ts';

/** Signals to the bench, and what it says on the way. */
export interface BenchRun {
  readonly signal?: AbortSignal;
  onHappening?(happening: Happening): void;
}

/** The folder a command about a plugin's sources is for. */
export function pluginFolder({ host, input }: Context): string {
  return resolve(host.cwd, input.argument('dir') || '.');
}

/** Arguments of Node by which this very process finds its modules. */
export function nodeArgs(): readonly string[] {
  return process.execArgv.filter((arg) => arg.startsWith('--conditions'));
}

/**
 * Has an order carried out in a process of its own, since it may load a plugin's code. What that prints goes to stderr.
 * Throws what the bench says went wrong, with its code and fix.
 */
export async function atBench(
  { host }: Context,
  order: BenchOrder,
  run: BenchRun = {},
): Promise<BenchAnswer> {
  const args = [...nodeArgs(), '--no-warnings', benchFile(order.directory), 'bench'];
  const child = spawn(process.execPath, args, {
    cwd: order.directory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Nothing of the operator's environment: a plugin under development is a stranger too.
    env: { PATH: host.env['PATH'], HOME: host.env['HOME'] },
    ...(run.signal === undefined ? {} : { signal: run.signal, killSignal: 'SIGKILL' }),
  });
  child.send(order, () => undefined); // that it could not be told shows in how it ends
  let last: BenchWord | undefined;
  child.on('message', (word: BenchWord) => {
    if (word.kind === 'happening') run.onHappening?.(word.happening);
    else last = word;
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => host.stderr.write(piece.toString()));
  const ended = await new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  if (last?.kind === 'done') return last.answer;
  if (last?.kind === 'failed') throw refusal(last.code, last.message, last.fix ?? undefined);
  throw refusal('KORA_PLUGIN_FAILED', `the process that ran the plugin ended without a word: ${ended}`);
}

/** The kit that the plugin's project has installed, which fits the runtime it is written for; else our own. */
function benchFile(directory: string): string {
  try {
    return createRequire(join(directory, 'package.json')).resolve('@kora/testkit/bench');
  } catch {
    return fileURLToPath(import.meta.resolve('@kora/testkit/bench')); // a plugin of two files has none
  }
}

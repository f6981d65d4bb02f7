import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { fault } from '../../../fault/index.ts';
import type { KeeperTimes } from '../index.ts';

export interface Kept {
  readonly pid: number;
  say(order: string): void;
  /** The next line it prints. */
  line(): Promise<string>;
  /** All that came on stderr so far. */
  stderr(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** A process of its own with a keeper over a home, from the sources; killed when the test ends. `deaf`: nobody reads its stderr. */
export async function startKept(
  home: string,
  times: Partial<KeeperTimes> = {},
  { deaf = false }: { readonly deaf?: boolean } = {},
): Promise<Kept> {
  const program = fileURLToPath(new URL('./kept-process.ts', import.meta.url));
  const args = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', program];
  const child = spawn(process.execPath, [...args, home, JSON.stringify(times)]);
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let stderr = '';
  if (deaf) child.stderr.pause();
  else child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  if ((await line()) !== 'up') throw fault('KORA_INTERNAL', `no keeper: ${stderr}`);
  return {
    pid: child.pid ?? 0,
    say: (order) => void child.stdin.write(`${order}\n`),
    line,
    stderr: () => stderr,
    ended,
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type pg from 'pg';
import type { SessionOptions } from '../sessions.ts';

export interface SessionProcess {
  /** All that it printed so far. */
  readonly lines: readonly string[];
  say(order: string): void;
  /** The first line that begins so, from the given one on; what follows these words. */
  line(words: string, from?: number): Promise<string>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

interface Job {
  readonly connection: pg.ClientConfig;
  readonly owner: SessionOptions['owner'];
  readonly times?: SessionOptions['times'];
}

/** A real process that keeps a session, from the sources; killed when the test ends. */
export async function startSessionProcess({ connection, owner, times = {} }: Job): Promise<SessionProcess> {
  const program = fileURLToPath(new URL('./session-process.ts', import.meta.url));
  const job = JSON.stringify({ connection, owner, times });
  const child = spawn(process.execPath, ['--conditions=@kora/source', program, job], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const line = async (words: string, from = 0): Promise<string> => {
    const found = (): string | undefined => lines.slice(from).find((one) => one.startsWith(words));
    await expect.poll(found, { timeout: 25_000 }).toBeDefined();
    return (found() ?? '').slice(words.length).trim();
  };
  await line('up');
  return {
    lines,
    say: (order) => void child.stdin.write(`${order}\n`),
    line,
    signal: (name) => void child.kill(name),
    ended,
  };
}

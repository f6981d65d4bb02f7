import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface TestProcess {
  readonly pid: number;
  /** The next line it prints. */
  line(): Promise<string>;
  /** Writes one line to its input. */
  say(text: string): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with what ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface StartProcess {
  readonly args?: readonly string[];
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of its own that runs a program beside a test, from the sources; killed when the test ends. */
export function startProcess(program: URL, { args = [], uid, env }: StartProcess = {}): TestProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', fileURLToPath(program), ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
      env: { ...process.env, ...env },
    },
  );
  const ended = endOf(child);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    line: async () => String((await lines.next()).value),
    say: (text) => void child.stdin.write(`${text}\n`),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function endOf(child: ChildProcess): TestProcess['ended'] {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

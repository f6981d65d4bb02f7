import { spawn } from 'node:child_process';
import { fault } from '../../../fault/index.ts';

export interface RunCommand {
  readonly command: readonly string[];
  readonly input?: string;
  readonly directory?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const keptOutput = 262_144;
const shownOutput = 400;

/**
 * Runs a program to its end, without a shell and in a process group of its own, which ends with the signal; answers what
 * it printed. Throws KORA_ANCHOR_FAILED with the end of what it said.
 */
export async function runCommand(run: RunCommand): Promise<string> {
  run.signal.throwIfAborted();
  const [program = '', ...args] = run.command;
  const child = spawn(program, args, {
    cwd: run.directory,
    env: run.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out = (said.out + text).slice(-keptOutput);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err = (said.err + text).slice(-keptOutput);
  });
  child.once('error', ({ message }) => resolve(message));
  child.once('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`));
  const stop = (): void => {
    endGroup(child.pid);
    resolve('was ended: it took too long, or Kora stops');
  };
  run.signal.addEventListener('abort', stop, { once: true });
  // A program that does not read its input is no fault of ours.
  child.stdin.on('error', () => undefined).end(run.input ?? '');
  const failure = await promise;
  run.signal.removeEventListener('abort', stop);
  if (failure === '') return said.out;
  const words = (said.err || said.out).trim().slice(-shownOutput);
  throw fault(
    'KORA_ANCHOR_FAILED',
    `${program} ${failure}${words === '' ? '' : `: ${withoutPasswords(words)}`}`,
    {
      details: { program },
    },
  );
}

/** Passwords of a URL do not reach logs, rows or findings. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w+:\/\/)[^\s/@]+@/g, '$1');
}

/** What another program may know of this one: not its secrets. */
export function outsideEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KORA_')));
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself in the same moment.
  }
}

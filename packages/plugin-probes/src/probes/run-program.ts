import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** What of each stream is kept. */
export const outputLimitBytes = 65_536;

/** How a program ended. */
export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it wrote more than was kept. */
  readonly cut: boolean;
}

interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly signal: AbortSignal;
}

/** Handed on to programs; the runtime's own environment holds its secrets. */
const handedOn =
  /^(?:PATH|HOME|USER|LOGNAME|TZ|TMPDIR|SYSTEMROOT|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS)$/i;

/**
 * Runs a program by its argv, without a shell, and waits for its end. When the signal aborts, it and all that it started
 * are killed. Rejects with the system's code when it cannot be started.
 */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: bareEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the whole of it can be killed.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const stop = (): void => kill(child);
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const streams = [keep(child.stdout), keep(child.stderr)] as const;
    if (options.signal.aborted) stop();
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    const [out, err] = streams.map((take) => take());
    const [stdout, stderr] = [out?.text ?? '', err?.text ?? ''];
    return { exitCode, signal, stdout, stderr, cut: out?.cut === true || err?.cut === true };
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}

/** What a program needs to find its way, and nothing that could be a secret. */
export function bareEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => handedOn.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** Reads a stream to its end, keeping its beginning. */
function keep(stream: Readable): () => { readonly text: string; readonly cut: boolean } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, outputLimitBytes - bytes);
    cut ||= kept.length < chunk.length;
    bytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  return () => ({ text: Buffer.concat(chunks).toString('utf8'), cut });
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It had ended by itself.
  }
  // One that left the group may hold the pipes open; nobody waits for what it says.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

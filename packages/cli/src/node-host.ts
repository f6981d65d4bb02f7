import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { Child, ChildOptions, Host, Interrupt, Sink, ToolOptions } from './host.ts';
import { nodeRuntimeDoor } from './runtime-door.ts';

/** The host of a real process. `exit` is handed in, because `bin.ts` alone may end the process. */
export function nodeHost(exit: (code: number) => void): Host {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: () => process.stdin,
    runtime: nodeRuntimeDoor(),
    fetch: (input, init) => globalThis.fetch(input, init),
    now: () => Date.now(),
    sleep,
    ask,
    onInterrupt,
    exit,
    alive,
    announce: (message) => {
      if (process.connected) process.send?.(message);
    },
    start: startChild,
    runTool,
    self: {
      command: process.execPath,
      args: [...process.execArgv, process.argv[1] ?? fileURLToPath(import.meta.url)],
    },
  };
}

/** A stream whose reader may go at any time: `kora event tail | head -1` is no failure. */
function sinkOf(stream: NodeJS.WriteStream & { readonly fd: number }): Sink {
  const gone = new AbortController();
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // With its output gone there is nowhere left to complain to; other faults of a terminal end the same way.
    gone.abort(error);
  });
  return {
    get isTTY() {
      return isatty(stream.fd);
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    closed: gone.signal,
    write: (text) => {
      if (!gone.signal.aborted) stream.write(text);
    },
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

async function ask(
  question: string,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Promise<string | undefined> {
  if (!isatty(process.stdin.fd) || !isatty(process.stderr.fd)) return undefined;
  const { createInterface } = await import('node:readline');
  // On stderr, so that the result alone is on stdout.
  const line = createInterface(
    hidden
      ? { input: process.stdin, output: nowhere(), terminal: true }
      : { input: process.stdin, output: process.stderr },
  );
  if (hidden) process.stderr.write(question);
  return await new Promise<string>((resolve) => {
    line.once('close', () => {
      if (hidden) process.stderr.write('\n');
      resolve('');
    });
    line.question(question, (answer) => {
      resolve(answer);
      line.close();
    });
  });
}

/** Takes what a line editor would show. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function onInterrupt(listener: (name: Interrupt) => void): () => void {
  // A terminal that closes hangs up. Under `nohup`, which points stderr elsewhere, that must stay ignored, and a
  // listener would take the ignoring away.
  const names: Interrupt[] = process.stderr.isTTY ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
  const listeners = names.map((name) => [name, () => listener(name)] as const);
  for (const [name, call] of listeners) process.on(name, call);
  return () => {
    for (const [name, call] of listeners) process.off(name, call);
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is there, though it takes no signal from us.
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
  return !isZombie(pid);
}

/** Dead, and not yet collected by whoever started it: in a container that may stay so for ever. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it stands in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    // No /proc on this system, or it has just gone; the next look will tell.
    return false;
  }
}

async function spawnDetached({ command, args, env, logFile }: ChildOptions) {
  const [{ spawn }, { closeSync, openSync }] = await Promise.all([
    import('node:child_process'),
    import('node:fs'),
  ]);
  // Readable by the owner alone: it may name what the configuration names.
  const log = logFile === undefined ? 'ignore' : openSync(logFile, 'a', 0o600);
  try {
    const channel = logFile === undefined ? 'ignore' : 'ipc';
    return spawn(command, [...args], { env, detached: true, stdio: ['ignore', log, log, channel] });
  } finally {
    if (typeof log === 'number') closeSync(log);
  }
}

async function startChild(options: ChildOptions): Promise<Child> {
  const child = await spawnDetached(options);
  return {
    pid: child.pid,
    onMessage: (listener) => void child.on('message', listener),
    onEnd: (listener) => {
      child.once('exit', (code) => listener(code));
      child.once('error', () => listener(null));
    },
    release: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

/** In our own group, so that Ctrl-C ends it too; never through a shell. */
async function runTool(options: ToolOptions): Promise<number | null> {
  const { command, args, cwd, env, onOutput, ownsTerminal = false } = options;
  const { spawn } = await import('node:child_process');
  const said = ownsTerminal ? 'inherit' : 'pipe';
  const child = spawn(command, [...args], { cwd, env, stdio: ['inherit', said, said] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
  return await new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
}

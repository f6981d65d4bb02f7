import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { refusal } from '../fault.ts';
import type { Child, ChildOptions, Host, Interrupt, Sink } from '../host.ts';
import { main } from '../main.ts';
import { nodeRuntimeDoor } from '../runtime-door.ts';
import type { Composing, RuntimeDoor, RuntimeModule } from '../runtime.ts';
import { startApiServer, token } from './api-server.ts';
import type { ApiServer, Route } from './api-server.ts';
import { noon } from './rows.ts';

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The `--json` document. */
  document(): {
    readonly ok: boolean;
    readonly data: unknown;
    readonly error: Readonly<Record<string, unknown>>;
  };
  lines(): string[];
}

/** A command that goes on: its output so far, and ways to act on it. */
export interface Live {
  readonly ended: Promise<Ran>;
  stdout(): string;
  stderr(): string;
  send(name: Interrupt): void;
  /** The reader of stdout goes. */
  hangUp(): void;
  /** Resolves when stdout or stderr holds the text. */
  says(text: string): Promise<void>;
}

export interface Scene {
  readonly home: string;
  readonly folder: string;
  readonly api: ApiServer;
  run(...argv: string[]): Promise<Ran>;
  live(argv: readonly string[], over?: Partial<Host>): Live;
  /** What the process was told to end with at once, if it was. */
  exits(): readonly number[];
  announced(): readonly object[];
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly routes?: Readonly<Record<string, Route>>;
  /** False: a home in which nothing runs. Default true. */
  readonly running?: boolean;
  /** Replaces what `up` starts. */
  readonly starter?: RuntimeModule['createKora'];
  readonly start?: (options: ChildOptions) => Promise<Child>;
  readonly host?: Partial<Host>;
}

/** A home, a server that answers for its runtime, and the CLI run in this process with its streams caught. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'kora-cli-'));
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o700 });
  const api = await startApiServer(options.routes ?? {});
  await writeFile(join(home, 'api-token'), `${token}\n`, { mode: 0o600 });
  if (options.running !== false) await announceRunning(home, api.url);
  const exits: number[] = [];
  const announced: object[] = [];
  const live = (argv: readonly string[], over: Partial<Host> = {}): Live =>
    startLive(argv, {
      folder,
      home,
      options,
      over: {
        exit: (code) => void exits.push(code),
        announce: (message) => void announced.push(message),
        ...options.host,
        ...over,
      },
    });
  return {
    home,
    folder,
    api,
    live,
    run: async (...argv) => await live(argv).ended,
    exits: () => exits,
    announced: () => announced,
    close: async () => {
      await api.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes what a running runtime writes: where it answers, and its process. */
export async function announceRunning(home: string, url: string, pid: number = process.pid): Promise<void> {
  await writeFile(join(home, 'runtime.json'), JSON.stringify({ url, pid, startedAt: noon }));
}

interface Setting {
  readonly folder: string;
  readonly home: string;
  readonly options: SceneOptions;
  readonly over: Partial<Host>;
}

function startLive(argv: readonly string[], { folder, home, options, over }: Setting): Live {
  const out = caughtStream();
  const err = caughtStream();
  const listeners = new Set<(name: Interrupt) => void>();
  const host: Host = {
    argv,
    env: { KORA_HOME: home, HOME: folder, PATH: process.env['PATH'] },
    cwd: folder,
    stdout: out.sink,
    stderr: err.sink,
    stdin: () => Readable.from([]),
    runtime: doorWith(options.starter),
    fetch: (input, init) => globalThis.fetch(input, init),
    now: () => Date.parse(noon),
    sleep: async (ms, signal) => await briefly(Math.min(ms, 20), signal),
    ask: () => Promise.resolve(undefined),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exit: () => undefined,
    alive: () => false,
    announce: () => undefined,
    start: options.start ?? noChild,
    runTool: () => Promise.resolve(null),
    self: { command: 'node', args: ['kora.js'] },
    ...over,
  };
  const ended = main(host).then((exit) => ran(exit, out.text(), err.text()));
  return {
    ended,
    stdout: out.text,
    stderr: err.text,
    send: (name) => listeners.forEach((listener) => listener(name)),
    hangUp: out.close,
    says: async (text) => {
      for (let tries = 0; tries < 400; tries++) {
        if (out.text().includes(text) || err.text().includes(text)) return;
        await briefly(10);
      }
      throw refusal('KORA_TIMEOUT', `it never said ${JSON.stringify(text)}:\n${out.text()}\n${err.text()}`);
    },
  };
}

function ran(exit: number, stdout: string, stderr: string): Ran {
  return {
    exit,
    stdout,
    stderr,
    document: () => JSON.parse(stdout) as ReturnType<Ran['document']>,
    lines: () => stdout.split('\n').filter((line) => line !== ''),
  };
}

function doorWith(starter: RuntimeModule['createKora'] | undefined): RuntimeDoor {
  const door = nodeRuntimeDoor();
  if (starter === undefined) return door;
  const composing = async (cwd: string): Promise<Composing> => {
    const found = await door.composing(cwd);
    return { ...found, module: { ...found.module, createKora: starter } };
  };
  return { ...door, composing };
}

function caughtStream(): { readonly sink: Sink; readonly text: () => string; readonly close: () => void } {
  let text = '';
  const gone = new AbortController();
  const write = (more: string): void => {
    if (!gone.signal.aborted) text += more;
  };
  return {
    sink: { isTTY: false, columns: undefined, write, closed: gone.signal },
    text: () => text,
    close: () => gone.abort(),
  };
}

async function noChild(): Promise<Child> {
  return await Promise.reject(refusal('KORA_INTERNAL', 'this scene starts no process'));
}

async function briefly(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) return resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    return undefined;
  });
}

/**
 * The guardian: a small process of its own session that keeps one PostgreSQL server for one runtime.
 *
 * A runtime holds a connection to the guardian's socket: its lease. While anybody holds one, the server is kept
 * running, and raised again when it dies. When the last lease ends without the word `stop`, the runtime crashed: the
 * server stays for the grace period, so that the next runtime finds it, and is then stopped. The guardian never
 * outlives its server. Signals from a terminal do not reach this session; those that are sent to it are for the
 * runtime to answer, and are heeded here only when there is none.
 *
 * A guardian may be killed. The living runtime, or else the next one, then writes a new id into the fence file and
 * starts another, which adopts the server. So before each act upon the server a guardian looks whether the fence still
 * names it; one that was replaced leaves without touching anything.
 */
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errors.ts';
import { type GuardianSpec, type GuardianStatus, parseFence } from './guard.ts';
import { endLeftBackends, stopServer } from './postmaster.ts';
import { type RaisedServer, raiseServer, stopBounds } from './server.ts';

const lookMs = 500;
const logBytes = 8 * 1024 * 1024;
const logLookMs = 30_000;
/** After an unexpected end: doubling from here. A server that ran for a minute begins again at the first step. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const steadyMs = 60_000;
const farewellMs = 1_000;

class Leases {
  readonly #spec: GuardianSpec;
  readonly #onStop: () => void;
  readonly #held = new Set<Socket>();
  readonly #listener: Server;
  #status: GuardianStatus;
  #aloneSince: number = performance.now();

  constructor(spec: GuardianSpec, onStop: () => void) {
    this.#spec = spec;
    this.#onStop = onStop;
    this.#status = {
      guardian: process.pid,
      state: 'starting',
      server: 0,
      version: spec.server.version,
      adopted: false,
      reason: '',
    };
    this.#listener = createServer((socket) => this.#accept(socket));
  }

  get held(): boolean {
    return this.#held.size > 0;
  }

  get expired(): boolean {
    return !this.held && performance.now() - this.#aloneSince >= this.#spec.graceMs;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(this.#spec.socket, resolve);
    });
  }

  tell(change: Partial<GuardianStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const socket of this.#held) socket.write(this.#line());
  }

  /** Lets every runtime see the end of its lease; one that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const socket of this.#held) socket.end();
    const end = performance.now() + farewellMs;
    while (this.held && performance.now() < end) await sleep(10);
  }

  #accept(socket: Socket): void {
    this.#held.add(socket);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      if (String(text).includes('stop')) this.#onStop();
    });
    socket.on('error', () => undefined); // 'close' follows, and says all that matters here
    socket.on('close', () => {
      this.#held.delete(socket);
      this.#aloneSince = performance.now();
    });
    socket.write(this.#line());
  }

  #line(): string {
    return `${JSON.stringify(this.#status)}\n`;
  }
}

async function guard(spec: GuardianSpec): Promise<void> {
  const end = new AbortController();
  const leases = new Leases(spec, () => end.abort());
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!leases.held) end.abort();
    });
  }
  await leases.listen();
  const grace = setInterval(
    () => {
      if (leases.expired || (!leases.held && !isMeant(spec))) end.abort();
    },
    Math.min(lookMs, spec.graceMs),
  );
  const log = setInterval(() => boundLog(spec.server.logFile), logLookMs);
  try {
    await keepServer(spec, leases, end.signal);
  } finally {
    clearInterval(grace);
    clearInterval(log);
    await leases.close();
  }
}

async function keepServer(spec: GuardianSpec, leases: Leases, end: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  let wasReady = false;
  while (!end.aborted && isMeant(spec)) {
    const raised = await raiseServer(spec.server, end);
    if ('process' in raised) {
      if (!end.aborted) {
        wasReady = true;
        leases.tell({ state: 'ready', server: raised.process.pid, adopted: raised.adopted, reason: '' });
      }
      const since = performance.now();
      await Promise.race([raised.gone, aborted(end)]);
      if (end.aborted) return endServer(spec, leases, raised);
      if (performance.now() - since >= steadyMs) pauseMs = firstPauseMs;
    }
    const reason = 'failure' in raised ? raised.failure : 'the server ended unexpectedly';
    // The first start must succeed, so that a wrong setting is told at once; later ones are tried for as long as
    // somebody waits for them, since a full disk or a killed server mends with time.
    if (!wasReady || !leases.held) return leases.tell({ state: 'failed', server: 0, reason });
    leases.tell({ state: 'starting', server: 0, reason });
    await Promise.race([sleep(pauseMs), aborted(end)]);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

async function endServer(spec: GuardianSpec, leases: Leases, raised: RaisedServer): Promise<void> {
  if (!isMeant(spec)) return;
  leases.tell({ state: 'stopping' });
  await stopServer(raised.process, stopBounds);
  // Our own child is not only dead but reaped: an init that is slow to reap would show it for a while.
  await Promise.race([raised.gone, sleep(farewellMs)]);
  await endLeftBackends(spec.server.dataDirectory);
  leases.tell({ server: 0 });
}

function isMeant(spec: GuardianSpec): boolean {
  try {
    const fence = parseFence(readFileSync(spec.fenceFile, 'utf8'));
    return fence === undefined || fence.id === spec.id;
  } catch {
    // The home was moved or deleted. Who opens it at its new place finds this guardian's pid in it, and ends it or
    // takes a lease; if nobody does, the server is still ours to end.
    return true;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The server appends through a handle that it never lets go, so the file is copied and emptied in place. */
function boundLog(file: string): void {
  try {
    if (statSync(file).size < logBytes) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch (error) {
    process.stderr.write(`log not bounded: ${errorCode(error) ?? String(error)}\n`);
  }
}

// A runtime that dies while it writes leaves half a line: then this fails, and there is nothing to guard yet.
const spec = JSON.parse(readFileSync(0, 'utf8')) as GuardianSpec;
// Short, so that it fits; and so that `pkill node` does not take the guard away together with the runtime.
process.title = `kora-guardian ${spec.id}`;
process.umask(0o077);
try {
  await guard(spec);
} finally {
  rmSync(spec.socket, { force: true });
}
process.exit(0);

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errors.ts';
import type { ServerSpec } from './guard.ts';
import {
  endLeftBackends,
  findServer,
  readPostmasterFile,
  removeForeignLock,
  stopServer,
} from './postmaster.ts';
import { isRunning, type LivingProcess, readProcess } from './process-table.ts';

const pollMs = 10;
/** Somebody else's child tells us nothing when it ends, so it is looked at. */
const watchMs = 200;
/** How long old backends of a killed postmaster may need to let go of their memory. */
const transientMs = 15_000;
const lastLines = 15;

export const stopBounds: { fastMs: number; immediateMs: number } = { fastMs: 30_000, immediateMs: 7_000 };

export interface RaisedServer {
  readonly process: LivingProcess;
  readonly adopted: boolean;
  /** Resolves when it has ended, whoever ended it. */
  readonly gone: Promise<void>;
}

/** The server does not come up; the message holds its last log lines. */
export interface StartFailure {
  readonly failure: string;
}

/** Takes over the server that runs on this data directory, or starts one, and waits until it takes connections. */
export async function raiseServer(spec: ServerSpec, end: AbortSignal): Promise<RaisedServer | StartFailure> {
  const deadline = performance.now() + transientMs;
  for (;;) {
    const adopted = await adoptServer(spec, end);
    if (adopted !== undefined) return adopted;
    if (end.aborted) return { failure: 'it was asked to stop while it started' };
    await endLeftBackends(spec.dataDirectory);
    removeForeignLock(spec.dataDirectory);
    const started = await startServer(spec, end);
    if ('process' in started) return started;
    const passes = /pre-existing shared memory block|lock file ".*" already exists/.test(started.failure);
    if (!passes || end.aborted || performance.now() > deadline) return started;
    await sleep(watchMs);
  }
}

async function adoptServer(spec: ServerSpec, end: AbortSignal): Promise<RaisedServer | undefined> {
  const one = findServer(spec.dataDirectory);
  if (one === undefined) return undefined;
  const gone = watchGone(one);
  await waitReady(spec, one, end);
  if (!isRunning(one)) return undefined;
  // The home was moved, so the server's socket is where nobody looks for it any more.
  if (readPostmasterFile(spec.dataDirectory)?.socketFolder !== spec.socketFolder && !end.aborted) {
    await stopServer(one, stopBounds);
    return undefined;
  }
  return { process: one, adopted: true, gone };
}

async function startServer(spec: ServerSpec, end: AbortSignal): Promise<RaisedServer | StartFailure> {
  const log = openSync(spec.logFile, 'a', 0o600);
  const from = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(spec.program, spec.args, {
      cwd: '/',
      env: { ...spec.env },
      stdio: ['ignore', log, log],
      // A session of its own: nothing that is sent to our group reaches it.
      detached: true,
      ...(spec.uid === undefined || spec.gid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    });
  } finally {
    closeSync(log);
  }
  let refusal: Error | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      refusal = error;
      resolve();
    });
  });
  const one = child.pid === undefined ? undefined : readProcess(child.pid);
  if (one !== undefined) await Promise.race([waitReady(spec, one, end), gone]);
  if (one !== undefined && isRunning(one)) return { process: one, adopted: false, gone };
  await gone;
  if (end.aborted) return { failure: 'it was asked to stop while it started' };
  if (refusal !== undefined) return { failure: `${errorCode(refusal) ?? ''} ${refusal.message}`.trim() };
  return { failure: logSince(spec.logFile, from) };
}

/** Recovery after a crash may take its time: only the server's own end or a stop ends this. */
async function waitReady(spec: ServerSpec, one: LivingProcess, end: AbortSignal): Promise<void> {
  while (isRunning(one) && !end.aborted) {
    const file = readPostmasterFile(spec.dataDirectory);
    if (file?.pid === one.pid && file.ready) return;
    await sleep(pollMs);
  }
}

async function watchGone(one: LivingProcess): Promise<void> {
  while (isRunning(one)) await sleep(watchMs);
}

/** The last lines that the server wrote after `from`. */
function logSince(file: string, from: number): string {
  const log = openSync(file, 'r');
  try {
    const size = fstatSync(log).size;
    const start = Math.max(from <= size ? from : 0, size - 32 * 1024);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(log, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, read).trim().split('\n');
    return lines.slice(-lastLines).join('\n');
  } finally {
    closeSync(log);
  }
}

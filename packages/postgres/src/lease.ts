import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EmbeddedPostgresError } from './errors.ts';
import { readIfThere, writeWhole } from './files.ts';
import { type Fence, type GuardianSpec, type GuardianStatus, parseFence } from './guard.ts';
import type { Place } from './place.ts';
import { type LivingProcess, readProcess, sendSignal, waitGone } from './process-table.ts';

const pollMs = 5;
/** A guardian answers at once; one that was stopped or hangs is replaced. */
const answerMs = 3_000;
const birthMs = 20_000;

/** A runtime's hold on its guardian: as long as this connection stands, the server is kept. */
export class Lease {
  readonly guardian: LivingProcess;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #status: GuardianStatus;
  #onStatus: (status: GuardianStatus) => void = () => undefined;

  constructor(socket: Socket, guardian: LivingProcess, first: GuardianStatus) {
    this.guardian = guardian;
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#socket = socket;
    this.#status = first;
  }

  get status(): GuardianStatus {
    return this.#status;
  }

  /** Called for each line that the guardian sends. */
  heard(status: GuardianStatus): void {
    this.#status = status;
    this.#onStatus(status);
  }

  /** For what the guardian says from now on. */
  listen(onStatus: (status: GuardianStatus) => void): void {
    this.#onStatus = onStatus;
  }

  /** Waits until the server is no longer on its way up. */
  async settled(signal: AbortSignal | undefined): Promise<GuardianStatus> {
    while (this.#status.state === 'starting' && !this.#socket.destroyed) {
      await sleep(pollMs);
      signal?.throwIfAborted();
    }
    return this.#status;
  }

  /** Asks the guardian to stop its server and to go; true once both are gone, false as soon as it is clear that it hangs. */
  async stop(ms: number): Promise<boolean> {
    this.#socket.ref();
    this.#socket.write('stop\n');
    const before = this.#status.state;
    if (await waitGone(this.guardian, answerMs)) return true;
    // One that was stopped by a signal or hangs has not even said that it heard.
    return this.#status.state === before ? false : waitGone(this.guardian, ms);
  }

  /** The open lease shall not keep a finished program running. */
  unref(): void {
    this.#socket.unref();
  }

  release(): void {
    this.#socket.destroy();
  }
}

/** The living guardian of this place, if it answers. */
export async function findGuardian(place: Place): Promise<Lease | undefined> {
  const fence = parseFence(await readIfThere(place.fenceFile));
  return fence === undefined ? undefined : takeLease(socketOf(place, fence.id), answerMs);
}

/** Starts a guardian under a new id, which fences out whichever was there before. */
export async function startGuardian(place: Place, spec: GuardianSpec): Promise<Lease> {
  await dismiss(place, parseFence(await readIfThere(place.fenceFile)));
  await writeFence(place, { id: spec.id, pid: 0 });
  const log = openSync(join(place.folder, 'log', 'guardian.log'), 'w', 0o600);
  // From source it is the .ts file, which Node runs as it stands; built, its neighbour in dist.
  const name = import.meta.url.endsWith('.ts') ? './guardian.ts' : './guardian.js';
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--max-old-space-size=64', program, spec.id], {
    cwd: '/',
    // None of ours: it has no use for secrets.
    env: { PATH: '/usr/bin:/bin', LANG: 'C' },
    stdio: ['pipe', 'ignore', log],
    detached: true,
  });
  closeSync(log);
  const death = new AbortController();
  child.once('error', (error) => death.abort(error.message));
  child.once('exit', (code, by) => death.abort(`it ended with ${by ?? `code ${code}`}`));
  child.stdin?.on('error', () => undefined); // its end is told by 'exit'
  child.stdin?.end(JSON.stringify(spec));
  child.unref();
  await writeFence(place, { id: spec.id, pid: child.pid ?? 0 });
  const deadline = performance.now() + birthMs;
  while (!death.signal.aborted && performance.now() < deadline) {
    const lease = await takeLease(spec.socket, answerMs);
    if (lease !== undefined) return lease;
    await sleep(pollMs);
  }
  child.kill('SIGKILL');
  const words = (await readIfThere(join(place.folder, 'log', 'guardian.log')))?.trim().slice(-2_000) ?? '';
  const why = death.signal.aborted ? String(death.signal.reason) : `no answer in ${birthMs / 1000} s`;
  throw new EmbeddedPostgresError(
    'KORA_PG_GUARDIAN',
    `the database's guardian did not start: ${why}${words === '' ? '' : `\n${words}`}`,
    `look into ${join(place.folder, 'log', 'guardian.log')}, then start again`,
  );
}

export function socketOf(place: Place, id: string): string {
  return join(place.guardFolder, `g-${id}`);
}

/** One that does not answer: not born yet, or stopped by somebody. It is fenced out anyway; this leaves no process behind. */
async function dismiss(place: Place, fence: Fence | undefined): Promise<void> {
  if (fence === undefined) return;
  const one = readProcess(fence.pid);
  if (one?.command.includes(fence.id) === true) {
    sendSignal(one, 'SIGKILL');
    await waitGone(one, answerMs);
  }
  await rm(socketOf(place, fence.id), { force: true });
}

function writeFence(place: Place, fence: Fence): Promise<void> {
  return writeWhole(place.fenceFile, `${JSON.stringify(fence)}\n`, 0o600);
}

function takeLease(path: string, ms: number): Promise<Lease | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const giveUp = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, ms);
    socket.on('error', giveUp); // nobody there: the caller starts one
    socket.once('close', giveUp);
    let lease: Lease | undefined;
    readLines(socket, (status) => {
      const guardian = lease?.guardian ?? readProcess(status.guardian);
      if (guardian === undefined) return giveUp();
      lease ??= new Lease(socket, guardian, status);
      lease.heard(status);
      clearTimeout(timer);
      resolve(lease);
    });
  });
}

function readLines(socket: Socket, onStatus: (status: GuardianStatus) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onStatus(JSON.parse(line) as GuardianStatus);
  });
}

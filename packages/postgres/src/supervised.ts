import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { database, user } from './cluster.ts';
import type { EmbeddedPostgres } from './contract.ts';
import { EmbeddedPostgresError } from './errors.ts';
import type { Lease } from './lease.ts';
import { type Place, port } from './place.ts';
import { endLeftBackends, findServer, stopServer } from './postmaster.ts';
import { sendSignal, waitGone } from './process-table.ts';
import { stopBounds } from './server.ts';

/** A guardian needs at most its own bounds for the server, and a moment to leave. */
const guardianStopMs = stopBounds.fastMs + 2 * stopBounds.immediateMs + 3_000;
const killMs = 5_000;
const replaceAttempts = 3;
const replacePauseMs = 500;

export interface SupervisedParts {
  readonly place: Place;
  readonly lease: Lease;
  readonly password: string;
  readonly reattached: boolean;
  /** Starts another guardian, which adopts the running server. */
  readonly guardAgain: () => Promise<Lease>;
  readonly onProgress: (line: string) => void;
}

/** The runtime's side of a running server: holds the lease, and replaces a guardian that somebody killed. */
export class Supervised implements EmbeddedPostgres {
  readonly connection: EmbeddedPostgres['connection'];
  readonly version: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly reattached: boolean;
  readonly #parts: SupervisedParts;
  #lease: Lease;
  #replacing: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: SupervisedParts) {
    const { place, lease, password } = parts;
    this.connection = Object.freeze({ host: place.socketFolder, port, user, database, password });
    this.version = lease.status.version;
    this.dataDirectory = place.dataDirectory;
    this.logFile = place.logFile;
    this.reattached = parts.reattached;
    this.#parts = parts;
    this.#lease = lease;
    this.#watch();
  }

  get pid(): number {
    return this.#lease.status.server;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#replacing;
    await endGuarded(this.#parts.place, this.#lease);
    await removeSockets(this.#parts.place);
  }

  #watch(): void {
    const { onProgress } = this.#parts;
    this.#lease.unref();
    this.#lease.listen(({ state, reason }) => {
      if (this.#stopping === undefined) onProgress(reason === '' ? state : `${state}: ${reason}`);
    });
    void this.#lease.ended.then(() => {
      if (this.#stopping === undefined) this.#replacing = this.#replaceGuardian();
    });
  }

  async #replaceGuardian(): Promise<void> {
    const { onProgress, guardAgain } = this.#parts;
    const { state, reason } = this.#lease.status;
    if (state === 'failed') return onProgress(`the database ended and does not come up again: ${reason}`);
    for (let attempt = 1; attempt <= replaceAttempts && this.#stopping === undefined; attempt += 1) {
      onProgress('the guardian is gone: starting another');
      try {
        this.#lease = await guardAgain();
        return this.#watch();
      } catch (error) {
        onProgress(String(error));
        await sleep(replacePauseMs);
      }
    }
  }
}

/** Ends guardian and server, also where the guardian is gone, hangs or was stopped. */
export async function endGuarded(place: Place, lease: Lease): Promise<void> {
  const left = await lease.stop(guardianStopMs);
  lease.release();
  if (!left) {
    sendSignal(lease.guardian, 'SIGKILL');
    await waitGone(lease.guardian, killMs);
  }
  const server = findServer(place.dataDirectory);
  if (server !== undefined && !(await stopServer(server, stopBounds))) {
    throw new EmbeddedPostgresError(
      'KORA_PG_STOP',
      `the database server (pid ${server.pid}) does not end, not even on SIGKILL: its disk may hang`,
      `look at the disk of ${place.dataDirectory}, then: kill -9 ${server.pid}`,
    );
  }
  await endLeftBackends(place.dataDirectory);
}

/** Perhaps in /tmp, and nothing in them outlives the server. */
export async function removeSockets(place: Place): Promise<void> {
  await rm(place.guardFolder, { recursive: true, force: true });
}

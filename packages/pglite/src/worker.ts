/**
 * The thread that PGlite lives in: a statement blocks its thread to the last row, and the process must go on answering.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { DurableFiles } from './durable-files.ts';
import { messageOf, PgliteError } from './errors.ts';
import type { FromWorker, ToWorker, WorkerOrder } from './protocol.ts';
import { startParameters } from './settings.ts';
import { query } from './wire.ts';

const pieceLength = 64 * 1024;
/** Rows come out faster than a client takes them: past this the statement waits. */
const mostUnread = 8 * 1024 * 1024;

const port = parentPort;
if (port === null)
  throw new PgliteError('KORA_PGLITE_START', 'worker.ts runs in a worker thread', 'call openPglite');
const { dataDirectory, durable, unread } = workerData as WorkerOrder;
const unreadBytes = new Int32Array(unread);

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function open(): Promise<PGlite> {
  const startParams = startParameters({ durable });
  return dataDirectory === undefined
    ? await PGlite.create({ startParams })
    : await PGlite.create({ startParams, fs: new DurableFiles(dataDirectory) });
}

/** Gathers the server's small writes into pieces worth sending to another thread. */
class Pieces {
  #buffer = new Uint8Array(pieceLength);
  #length = 0;

  add(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const step = Math.min(bytes.length - from, pieceLength - this.#length);
      this.#buffer.set(bytes.subarray(from, from + step), this.#length);
      this.#length += step;
      from += step;
      if (this.#length === pieceLength) this.send();
    }
  }

  send(): void {
    if (this.#length === 0) return;
    const bytes = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    Atomics.add(unreadBytes, 0, bytes.length);
    say({ kind: 'piece', bytes }, [bytes.buffer]);
    for (let now = Atomics.load(unreadBytes, 0); now > mostUnread; now = Atomics.load(unreadBytes, 0))
      Atomics.wait(unreadBytes, 0, now);
  }
}

async function run(pglite: PGlite, bytes: Uint8Array): Promise<void> {
  const pieces = new Pieces();
  await pglite.execProtocolRawStream(bytes, { onRawData: (data) => pieces.add(data), syncToFs: false });
  pieces.send();
  say({ kind: 'done' });
}

/** PGlite's own close writes no checkpoint of its own: without one the next start would have to recover. */
async function close(pglite: PGlite): Promise<void> {
  await pglite.execProtocolRaw(query('checkpoint'));
  await pglite.close();
  say({ kind: 'closed' });
  port?.close();
}

async function serve(): Promise<void> {
  const pglite = await open();
  port?.on('message', (message: ToWorker) => {
    const work = message.kind === 'run' ? run(pglite, message.bytes) : close(pglite);
    work.catch(broken);
  });
  say({ kind: 'open' });
}

function broken(error: unknown): void {
  say({ kind: 'broken', message: messageOf(error) });
  port?.close();
}

serve().catch(broken);

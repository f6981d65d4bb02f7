import { Worker } from 'node:worker_threads';
import { PgliteError } from './errors.ts';
import type { FromWorker, ToWorker, WorkerOrder } from './protocol.ts';

/** What a run gives out, piece by piece; `taken` is owed for each, and lets a statement that waited go on. */
export type OnPiece = (bytes: Buffer, taken: () => void) => void;

/** A checkpoint of all that is in memory, on a slow disk. */
const closeMs = 30_000;

interface Run {
  readonly onPiece: OnPiece;
  readonly resolve: () => void;
  readonly reject: (error: PgliteError) => void;
}

/** PGlite in its thread: runs one batch of messages after the other, each to its end. */
export class Backend {
  /** Resolves, with the reason, when the thread is gone and nobody asked it to go. */
  readonly lost: Promise<PgliteError>;
  readonly #worker: Worker;
  readonly #unread: Int32Array;
  readonly #exited: Promise<void>;
  #run: Run | undefined;
  #isClosing = false;
  #why: PgliteError | undefined;
  #heard: (message: FromWorker) => void = () => undefined;
  #tellLost: (why: PgliteError) => void = () => undefined;

  private constructor(dataDirectory: string | undefined, durable: boolean) {
    const unread = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#unread = new Int32Array(unread);
    // From source under Node's type stripping, from dist as the bundle made it.
    const name = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    this.#worker = new Worker(new URL(name, import.meta.url), {
      workerData: { dataDirectory, durable, unread } satisfies WorkerOrder,
      // Flags of the process (an inspector's port, a test runner's loader) are not the thread's.
      execArgv: [],
    });
    this.lost = new Promise((resolve) => (this.#tellLost = resolve));
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#why ??= ended(error.message, error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#gone();
        resolve();
      });
    });
  }

  /** Opens the data, or begins with none. Throws KORA_PGLITE_START, or the signal's reason. */
  static async start(
    dataDirectory: string | undefined,
    signal?: AbortSignal,
    durable = dataDirectory !== undefined,
  ): Promise<Backend> {
    signal?.throwIfAborted();
    const backend = new Backend(dataDirectory, durable);
    const opened = new Promise<boolean>((resolve) => {
      backend.#heard = ({ kind }) => kind === 'open' && resolve(true);
      void backend.lost.then(() => resolve(false));
      signal?.addEventListener('abort', () => resolve(false), { once: true });
    });
    if (await opened) return backend;
    await backend.terminate();
    signal?.throwIfAborted();
    throw new PgliteError(
      'KORA_PGLITE_START',
      `PGlite did not start: ${backend.#why?.message ?? 'its thread ended'}`,
      dataDirectory === undefined
        ? 'start again'
        : `put ${dataDirectory} back from a backup, then start again`,
      { cause: backend.#why },
    );
  }

  /** Runs whole messages to their end. One at a time: whoever calls has the turn. */
  run(bytes: Uint8Array, onPiece: OnPiece): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#why !== undefined) return reject(this.#why);
      this.#run = { onPiece, resolve, reject };
      this.#tell({ kind: 'run', bytes });
    });
  }

  /** The orderly end: everything on disk, the thread gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#tell({ kind: 'close' });
    const late = setTimeout(() => {
      this.#why ??= ended(`it did not close within ${closeMs} ms`);
      void this.#worker.terminate();
    }, closeMs);
    await this.#exited;
    clearTimeout(late);
    if (this.#why !== undefined) throw this.#why;
  }

  async terminate(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    this.#heard(message);
    if (message.kind === 'piece') {
      const { buffer, byteOffset, byteLength } = message.bytes;
      const taken = (): void => {
        Atomics.sub(this.#unread, 0, byteLength);
        Atomics.notify(this.#unread, 0);
      };
      if (this.#run === undefined) taken();
      else this.#run.onPiece(Buffer.from(buffer, byteOffset, byteLength), taken);
    } else if (message.kind === 'done') {
      const run = this.#run;
      this.#run = undefined;
      run?.resolve();
    } else if (message.kind === 'broken') {
      this.#why = ended(message.message);
    }
  }

  #gone(): void {
    if (!this.#isClosing) this.#why ??= ended('its thread is gone');
    const why = this.#why ?? ended('it was closed');
    this.#run?.reject(why);
    this.#run = undefined;
    if (!this.#isClosing || this.#why !== undefined) this.#tellLost(why);
  }
}

function ended(how: string, cause?: Error): PgliteError {
  return new PgliteError('KORA_PGLITE_ENDED', `PGlite ended: ${how}`, 'start again', { cause });
}

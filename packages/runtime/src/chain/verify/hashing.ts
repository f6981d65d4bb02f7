import { Worker } from 'node:worker_threads';
import { SegmentHasher } from './rows.ts';
import type { Segment, SegmentFacts } from './rows.ts';

/** Where the bytes of segments are hashed: one segment after the other. */
export interface Hashing extends AsyncDisposable {
  begin(segment: Segment): void;
  /** Takes bytes of the segment that was begun, all events before all bodies; waits while enough of them wait already. */
  take(part: SegmentPart, bytes: Buffer): Promise<void>;
  /** No more bytes of this segment. Its facts come when they were hashed; the next may begin at once. */
  end(): Promise<SegmentFacts>;
}

export type SegmentPart = 'events' | 'bodies';

/** Hands bytes to the half of the hasher that they are for. */
export function feed(hasher: SegmentHasher, part: SegmentPart, bytes: Buffer): void {
  if (part === 'events') hasher.takeEvents(bytes);
  else hasher.takeBodies(bytes);
}

/** Hashing in this thread: for few events, a thread's start would cost more. */
export function hashHere(): Hashing {
  let hasher = new SegmentHasher({ from: 1, to: 0, points: [] });
  return {
    begin: (segment) => {
      hasher = new SegmentHasher(segment);
    },
    take: (part, bytes) => {
      feed(hasher, part, bytes);
      return Promise.resolve();
    },
    end: () => Promise.resolve(hasher.facts()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** To the thread. The buffer comes back with the answer, so that there are only ever this many. */
export type Order =
  | { readonly kind: 'begin'; readonly segment: Segment }
  | { readonly kind: SegmentPart; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly kind: 'end' };
export type Answer =
  | { readonly kind: 'buffer'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'facts'; readonly facts: SegmentFacts };

const bufferBytes = 512 * 1_024;
const buffersPerThread = 4;

/** Hashing in a thread of its own, in constant memory: four buffers go to and fro, and without one no byte is read. */
export class HashingThread implements Hashing {
  readonly #worker: Worker;
  readonly #free: ArrayBuffer[];
  readonly #facts: PromiseWithResolvers<SegmentFacts>[] = [];
  #filling: Buffer | undefined;
  #filled = 0;
  #part: SegmentPart = 'events';
  #waiting: PromiseWithResolvers<void> | undefined;
  #failed: Error | undefined;

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./hash-worker.${extension}`, import.meta.url));
    this.#free = Array.from({ length: buffersPerThread }, () => new ArrayBuffer(bufferBytes));
    this.#worker.on('message', (answer: Answer) => this.#hear(answer));
    this.#worker.on('error', (error: Error) => this.#fail(error));
  }

  /** How many buffers there are, and how many of them wait here. */
  get buffers(): { readonly made: number; readonly free: number } {
    return { made: buffersPerThread, free: this.#free.length + (this.#filling === undefined ? 0 : 1) };
  }

  begin(segment: Segment): void {
    this.#say({ kind: 'begin', segment });
  }

  async take(part: SegmentPart, bytes: Buffer): Promise<void> {
    if (part !== this.#part) this.#flush();
    this.#part = part;
    for (let at = 0; at < bytes.length; ) {
      const buffer = (this.#filling ??= await this.#borrow());
      const copied = bytes.copy(buffer, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === buffer.length) this.#flush();
    }
  }

  end(): Promise<SegmentFacts> {
    const facts = Promise.withResolvers<SegmentFacts>();
    if (this.#failed === undefined) this.#facts.push(facts);
    else facts.reject(this.#failed);
    this.#flush();
    this.#say({ kind: 'end' });
    return facts.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  async #borrow(): Promise<Buffer> {
    for (;;) {
      if (this.#failed !== undefined) throw this.#failed;
      const free = this.#free.pop();
      if (free !== undefined) return Buffer.from(free);
      this.#waiting = Promise.withResolvers<void>();
      await this.#waiting.promise;
    }
  }

  #flush(): void {
    if (this.#filling === undefined) return;
    const buffer = this.#filling.buffer as ArrayBuffer;
    this.#say({ kind: this.#part, buffer, length: this.#filled }, [buffer]);
    this.#filling = undefined;
    this.#filled = 0;
  }

  #say(order: Order, moved: ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, moved);
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'facts') this.#facts.shift()?.resolve(answer.facts);
    else {
      this.#free.push(answer.buffer);
      this.#waiting?.resolve();
    }
  }

  #fail(error: Error): void {
    this.#failed = error;
    this.#waiting?.resolve();
    for (const facts of this.#facts.splice(0)) facts.reject(error);
  }
}

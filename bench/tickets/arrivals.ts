// The clock of an open loop, in a thread of its own: says when each ticket is due, and sleeps between without burning a core
// that the contestants need. A timer of the main thread is a millisecond late or more, which is what is to be measured.
import { parentPort, workerData } from 'node:worker_threads';
import { machineMs } from './contestant.ts';

/** Due times are Poisson's, the same for everybody with one seed. */
export interface Arrivals {
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Milliseconds of the machine's clock at which one ticket is to be sent; null after the last. */
export type Arrival = number | null;

if (parentPort !== null) {
  const { rate, seconds, seed } = workerData as Arrivals;
  const random = randomFrom(seed);
  const still = new Int32Array(new SharedArrayBuffer(4));
  const begun = machineMs();
  for (let at = 0; ; ) {
    at += (-Math.log(1 - random()) / rate) * 1_000;
    if (at > seconds * 1_000) break;
    const left = begun + at - machineMs();
    if (left > 0) Atomics.wait(still, 0, 0, left);
    parentPort.postMessage((begun + at) satisfies Arrival);
  }
  parentPort.postMessage(null satisfies Arrival);
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

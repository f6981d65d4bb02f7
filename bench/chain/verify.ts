import { hash } from 'node:crypto';
import { note } from './kora.ts';
import type { BenchChain } from './kora.ts';

export interface VerifyResult {
  readonly events: number;
  readonly perSecond: readonly number[];
  /** The most that the process held above what it held before, MiB. */
  readonly memoryMiB: number;
}

/** Brings the chain to at least `events`, by appending. */
export async function growChain(opened: BenchChain, events: number): Promise<void> {
  const batch = 500;
  for (;;) {
    const { seq } = await opened.chain.head();
    const missing = events - seq;
    if (missing <= 0) return;
    const appends = Math.min(40, Math.ceil(missing / batch));
    const drafts = Array.from({ length: batch }, (_, n) => note(n));
    await Promise.all(Array.from({ length: appends }, () => opened.chain.append(drafts)));
    await opened.settle();
  }
}

/** The whole chain, from the first event, `runs` times. */
export async function verifySpeed(opened: BenchChain, runs: number): Promise<VerifyResult> {
  const { seq } = await opened.chain.head();
  const perSecond: number[] = [];
  let most = 0;
  const before = process.memoryUsage().rss;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  try {
    for (let run = 0; run < runs; run += 1) {
      const from = performance.now();
      const { ok, checked } = await opened.chain.verify();
      if (!ok || checked !== seq) throw new Error(`the chain does not verify: ${checked} of ${seq}`);
      perSecond.push(seq / ((performance.now() - from) / 1_000));
    }
  } finally {
    clearInterval(watch);
  }
  return { events: seq, perSecond, memoryMiB: most / 2 ** 20 };
}

/** The limit on one core: two SHA-256 over as many bytes as an event of the benchmark has, and nothing else. */
export function hashSpeed(): number {
  const fields = Buffer.alloc(240, 1);
  const body = Buffer.alloc(190, 2);
  const count = 300_000;
  const from = performance.now();
  for (let n = 0; n < count; n += 1) {
    fields[0] = n & 0xff;
    hash('sha256', body, 'binary');
    hash('sha256', fields, 'binary');
  }
  return count / ((performance.now() - from) / 1_000);
}

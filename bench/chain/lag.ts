import { figuresOf } from '../figures.ts';
import type { Figures } from '../figures.ts';
import { note } from './kora.ts';
import type { BenchChain } from './kora.ts';

export interface LagResult {
  /** From the commit of a business transaction to the seal of the event it staged, milliseconds. */
  readonly lag: Figures;
  /** What was reached, against what was asked for: below it, the lag is that of a queue. */
  readonly perSecond: number;
}

/** Open loop: `rate` business transactions a second, each staging one event, begun when due and not when the last is done. */
export async function sealLag(opened: BenchChain, rate: number, seconds: number): Promise<LagResult> {
  const { chain, database } = opened;
  const committed = new Map<number, number>();
  const seals: { readonly seq: number; readonly at: number }[] = [];
  const listening = chain.onSealed((seq) => seals.push({ seq, at: performance.now() }));
  const { seq: before } = await chain.head();
  const total = rate * seconds;
  const from = performance.now();
  const open: Promise<void>[] = [];
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - from) / 1_000) * rate));
    for (; n < due; n += 1) open.push(one(n));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  const perSecond = total / ((performance.now() - from) / 1_000);
  await opened.settle();
  listening[Symbol.dispose]();

  const lags: number[] = [];
  let seal = 0;
  for await (const { seq, n } of eventsAfter(opened, before)) {
    while ((seals[seal]?.seq ?? Number.POSITIVE_INFINITY) < seq) seal += 1;
    const sealedAt = seals[seal]?.at;
    const committedAt = committed.get(n);
    if (sealedAt === undefined || committedAt === undefined) throw new Error(`event ${n} was lost`);
    lags.push(Math.max(0, sealedAt - committedAt));
  }
  if (lags.length !== total) throw new Error(`${total} events were staged, ${lags.length} are sealed`);
  return { lag: figuresOf(lags), perSecond };

  async function one(n: number): Promise<void> {
    await database.transaction((tx) => chain.stage(tx, [note(n)]));
    committed.set(n, performance.now());
  }
}

async function* eventsAfter(
  { chain }: BenchChain,
  after: number,
): AsyncGenerator<{ readonly seq: number; readonly n: number }> {
  for (let last = after; ; ) {
    const events = await chain.read({ after: last, type: 'bench.noted', limit: 1_000 });
    if (events.length === 0) return;
    for (const { seq, payload } of events) yield { seq, n: Number(payload['n']) };
    last = events.at(-1)?.seq ?? last;
  }
}

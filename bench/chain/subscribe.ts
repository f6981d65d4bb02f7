import { figuresOf } from '../figures.ts';
import type { Figures } from '../figures.ts';
import type pg from 'pg';
import { note, openChain } from './kora.ts';
import { plainReader } from './plain-reader.ts';
import { growChain } from './verify.ts';

/** Milliseconds from the call of append to the reader's handler, and how many events never came to it. */
export interface ReaderFigures extends Figures {
  readonly lost: number;
}

function readerFigures(latencies: readonly number[], expected: number): ReaderFigures {
  return { ...figuresOf(latencies), lost: expected - latencies.length };
}

/** Kora's: one append a time, `consumers` durable readers; the slowest of them counts. */
export async function koraLatency(
  connection: pg.ClientConfig,
  load: { readonly rate: number; readonly seconds: number; readonly consumers: number },
): Promise<ReaderFigures> {
  const opened = await openChain(connection);
  const expected = load.rate * load.seconds * load.consumers;
  const { begun, latencies, seen } = ledger(expected);
  const scopes = [];
  for (let at = 0; at < load.consumers; at += 1) {
    scopes.push(
      await opened.chain.subscribe({
        consumer: `reader-${at}`,
        types: ['bench'],
        from: 'now',
        react: (event) => {
          seen(Number(event.payload['n']));
          return Promise.resolve(undefined);
        },
      }),
    );
  }
  await openLoop(load, async (n) => {
    begun.set(n, performance.now());
    await opened.chain.append([note(n)]);
  });
  const figures = readerFigures(await latencies(), expected);
  for (const scope of scopes) await scope.dispose();
  await opened.close();
  return figures;
}

export async function plainLatency(
  connection: pg.ClientConfig,
  load: { readonly rate: number; readonly seconds: number },
): Promise<ReaderFigures> {
  const expected = load.rate * load.seconds;
  const { begun, latencies, seen } = ledger(expected);
  const reader = await plainReader(connection, seen);
  await openLoop(load, async (n) => {
    begun.set(n, performance.now());
    await reader.append(n);
  });
  const figures = readerFigures(await latencies(), expected);
  await reader.close();
  return figures;
}

/** Events a second that one new consumer reads from the beginning of a chain of `events`. */
export async function koraCatchUp(connection: pg.ClientConfig, events: number): Promise<number> {
  const opened = await openChain(connection);
  await growChain(opened, events);
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const from = performance.now();
  const scope = await opened.chain.subscribe({
    consumer: 'late',
    types: ['bench'],
    from: 'beginning',
    react: () => {
      if ((count += 1) === events) resolve();
      return Promise.resolve(undefined);
    },
  });
  await done;
  const perSecond = events / ((performance.now() - from) / 1_000);
  await scope.dispose();
  await opened.close();
  return perSecond;
}

/** So long after the last event nothing more comes. */
const silenceMs = 3_000;

function ledger(expected: number): {
  readonly begun: Map<number, number>;
  /** Of the events that were seen, once all were or none come any more. */
  readonly latencies: () => Promise<number[]>;
  readonly seen: (n: number) => void;
} {
  const begun = new Map<number, number>();
  const all: number[] = [];
  let last = performance.now();
  const seen = (n: number): void => {
    last = performance.now();
    all.push(last - (begun.get(n) ?? Number.NaN));
  };
  const latencies = async (): Promise<number[]> => {
    last = performance.now();
    while (all.length < expected && performance.now() - last < silenceMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return all;
  };
  return { begun, latencies, seen };
}

async function openLoop(
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  append: (n: number) => Promise<void>,
): Promise<void> {
  const total = rate * seconds;
  const from = performance.now();
  const open: Promise<void>[] = [];
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - from) / 1_000) * rate));
    for (; n < due; n += 1) open.push(append(n));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
}

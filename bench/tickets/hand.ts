// One worker of one product in a process of its own, told what to do over its channel: `node hand.ts SPEC`. It answers
// each call under the number it came with, and says by itself what it has taken when the manner of its work asks for it.
import { Session } from 'node:inspector/promises';
import { Worker } from 'node:worker_threads';
import type { Arrival, Arrivals } from './arrivals.ts';
import type { Done, Hand, HandSpec, OpenHand, TicketBody } from './contestant.ts';
import { bodyOf, machineMs } from './contestant.ts';
import { graphileHand } from './graphile.ts';
import type { Call, Figures } from './crew.ts';
import { pgBossHand } from './pg-boss.ts';

const spec = JSON.parse(process.argv[2] ?? '') as HandSpec;
const name = process.argv[3] ?? 'hand';
const { promise: ending, resolve: mayEnd } = Promise.withResolvers<void>();
const profiler = new Session();
let latencies: number[] = [];
let handled = 0;

const hand = await (await opener())(spec, work);
const deeds: Record<Call['verb'], (call: Call) => Promise<unknown>> = {
  begin: () => hand.begin(),
  halt: () => hand.halt(),
  figures: () => Promise.resolve(figures()),
  produce: ({ rate = 0, seconds = 0, seed = 1 }) => produce(hand, { rate, seconds, seed }),
  place: () => Promise.resolve(hand.place?.()),
  profile: async () => {
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.start');
  },
  profiled: async () => (await profiler.post('Profiler.stop')).profile,
  end: () => Promise.resolve(mayEnd()),
  close: () => hand.close(),
};
process.on('message', (call: Call) => void answer(call));
process.send?.({ up: true });

async function opener(): Promise<OpenHand> {
  if (spec.product === 'graphile-worker') return graphileHand;
  if (spec.product === 'pg-boss') return pgBossHand;
  // Only its own processes load the runtime.
  const { koraHand } = await import('./kora-hand.ts');
  return koraHand;
}

async function answer(call: Call): Promise<void> {
  try {
    process.send?.({ number: call.number, answer: (await deeds[call.verb](call)) ?? null });
  } catch (error) {
    process.send?.({ number: call.number, error: String(error) });
  }
  if (call.verb === 'close') process.disconnect();
}

async function work({ due }: TicketBody): Promise<Done> {
  handled += 1;
  const by = `${name}#${handled}`;
  if (due !== undefined) latencies.push(machineMs() - due);
  if (spec.manner === 'held') {
    process.send?.({ taken: name });
    await ending;
  }
  if (spec.manner === 'frozen') {
    process.send?.({ taken: name });
    // The whole process stands: whoever stops it from outside meets it here, and its answer is the first thing afterwards.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    process.send?.({ answered: name });
  }
  return { by };
}

function figures(): Figures {
  const { user, system } = process.cpuUsage();
  const told = {
    handled,
    cpuSeconds: (user + system) / 1e6,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
    latencies,
  };
  latencies = [];
  return told;
}

/** Open loop: each ticket is sent when it is due, however the ones before fare. */
async function produce(
  { add }: Hand,
  arrivals: Arrivals,
): Promise<{ readonly sent: number; readonly late: number }> {
  const open: Promise<void>[] = [];
  let late = 0;
  const clock = new Worker(new URL('./arrivals.ts', import.meta.url), { workerData: arrivals });
  await new Promise<void>((resolve, reject) => {
    clock.on('error', reject);
    clock.on('message', (due: Arrival) => {
      if (due === null) return resolve();
      late = Math.max(late, machineMs() - due);
      open.push(add(bodyOf(open.length, due)));
    });
  });
  await Promise.all(open);
  return { sent: open.length, late };
}

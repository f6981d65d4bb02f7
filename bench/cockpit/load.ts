// A runtime with all that `kora up` brings, in a process of its own, and a plugin that appends events as often as it is told.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginContext } from '@kora/runtime/plugin';
import type pg from 'pg';
import { z } from 'zod';
import { benchRuntime } from '../probes/runtime.ts';

export interface LoadSpec {
  readonly connection: pg.ClientConfig;
  readonly bundled: readonly string[];
}

/** How many events a second from now on; null: it is over. */
export interface Told {
  readonly perSecond: number | null;
}

/** What was appended since the last word, in how many seconds. */
export interface Appended {
  readonly appended: number;
  readonly refused: number;
  /** Not answered yet. */
  readonly waiting: number;
  readonly seconds: number;
}

const everyMs = 10;
const registersWithinMs = 30_000;
/** What waits for its answer at most: a store that is slower is told as slower, and not buried. */
const mostWaiting = 2_000;
const spec = JSON.parse(process.env['KORA_BENCH_LOAD'] ?? '') as LoadSpec;
const registered = Promise.withResolvers<PluginContext<unknown>>();
let perSecond = 0;
let sent = 0;
let begun = performance.now();
let count = { appended: 0, refused: 0 };
let waiting = 0;

const runtime = await benchRuntime({
  connection: spec.connection,
  bundled: spec.bundled,
  contributes: { events: ['bench_probes.measured'] },
  register: async (given) => {
    await given.registerEventTypes([
      {
        type: 'bench_probes.measured',
        version: 1,
        means: 'A gauge was read.',
        payload: z.object({
          gauge: z.string().meta({ sensitivity: 'public' }),
          heightM: z.number().meta({ sensitivity: 'public' }),
          note: z.string().meta({ sensitivity: 'public' }),
        }),
      },
    ]);
    registered.resolve(given);
  },
});
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
  for (; sent < due && waiting < mostWaiting; sent += 1) append(sent);
}, everyMs);
process.on('message', ({ perSecond: next }: Told) => {
  if (next === null) {
    clearInterval(timer);
    void runtime.stop().then(() => process.exit(0));
    return;
  }
  const seconds = (performance.now() - begun) / 1_000;
  process.send?.({ ...count, waiting, seconds } satisfies Appended);
  perSecond = next;
  sent = 0;
  begun = performance.now();
  count = { appended: 0, refused: 0 };
});
// Without whoever started it there is nobody to end it.
process.once('disconnect', () => process.exit(0));
// A plugin may still be registering when the runtime says it is ready.
const tooLate = sleep(registersWithinMs).then(() => {
  throw new TypeError('the plugin that appends did not register');
});
const context = await Promise.race([registered.promise, tooLate]);
tooLate.catch(() => undefined);
process.send?.({ url: runtime.url, token: runtime.token });

function append(n: number): void {
  waiting += 1;
  const payload = {
    gauge: `gauge ${n % 40}`,
    heightM: (n % 700) / 100,
    note: 'The water stands as it was foretold.',
  };
  void context.chain
    .append({ type: 'bench_probes.measured', payload })
    .then(
      () => (count.appended += 1),
      () => (count.refused += 1),
    )
    .finally(() => (waiting -= 1));
}

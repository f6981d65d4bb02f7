// A runtime in a process of its own, whose probes fail when they are told to: it says when the deciding look had its answer,
// and when a message reached the operator by it.
import { createKoraClient } from '@kora/runtime/client';
import type { ProbeCategory, ProbeSnapshot } from '@kora/runtime/plugin';
import { sharedNow } from './order.ts';
import type { LookerLoad, LookerOrder, LookerWord } from './order.ts';
import { benchRuntime } from './runtime.ts';

const load = JSON.parse(process.env['KORA_BENCH_LOAD'] ?? '') as LookerLoad;
/** Bad looks since it was told to fail, by probe. */
const failing = new Map<string, { readonly category: ProbeCategory; bad: number }>();
const say = (word: LookerWord): void => void process.send?.(word);

const runtime = await benchRuntime({
  connection: load.connection,
  register: async (context) => {
    for (let at = 0; at < load.probes; at += 1) {
      const name = `${load.prefix}-${at}`;
      const target = `service ${name}`;
      await context.registerProbe({
        name,
        kind: 'custom',
        target,
        everyMs: load.everyMs,
        check: () => look(name),
      });
    }
  },
  onMessage: ({ title }) => {
    const at = sharedNow();
    const name = /^🚨 Probe alert · (.+)$/u.exec(title)?.[1];
    if (name !== undefined) say({ told: name, at });
  },
});
const client = createKoraClient({ url: runtime.url, token: runtime.token });
say({ ready: true, url: runtime.url, token: runtime.token });

function look(name: string): Promise<ProbeSnapshot> {
  const fault = failing.get(name);
  if (fault === undefined) return Promise.resolve({ status: 'healthy', details: {} });
  fault.bad += 1;
  if (fault.bad === 2) say({ failed: name, at: sharedNow() });
  const { category } = fault;
  return Promise.resolve({ status: 'unhealthy', details: {}, error: 'told to fail', category });
}

process.on('message', (order: LookerOrder) => {
  carryOut(order).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});

async function carryOut(order: LookerOrder): Promise<void> {
  if ('fail' in order) {
    failing.set(order.fail, { category: order.category as ProbeCategory, bad: 0 });
    await twice(order.fail);
  } else if ('mend' in order) {
    failing.delete(order.mend);
    await twice(order.mend);
    say({ mended: order.mend });
  } else {
    await runtime.stop();
    process.exit(0);
  }
}

/** As `kora probe run` does: a look like any other, but now. */
async function twice(name: string): Promise<void> {
  await client.runProbe(name);
  await client.runProbe(name);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { throughFaults } from './run.ts';
import type { Report, RunOptions } from './run.ts';
import { Wire } from './wire.ts';
import type { Silence } from './wire.ts';

/** As the driver sends it: a simple query of that one word. */
const commit = Buffer.from('\0\0\0\x0bcommit\0', 'latin1');
const statements: readonly (readonly [string, Buffer])[] = [
  ['an end', Buffer.from('ticket_end')],
  ['a claim', Buffer.from('ticket claim')],
  ['a dispatch', Buffer.from('ticket-operation-dispatch')],
  ['a commit of an operation', Buffer.from('ticket-operation-commit')],
  ['a transaction', commit],
];
const silences: readonly Silence[] = ['words', 'answers', 'both'];
/** A worker says each of these within a second or two; on a busy machine later. */
const cutLimitMs = 20_000;
/** Every so many silences one outlasts the lease. */
const longEach = 10;

/** Cuts the way of one of two workers to the store, in each way a network can, again and again. */
export async function cutWires(options: RunOptions): Promise<Report> {
  await using first = await Wire.open(options.connection);
  await using second = await Wire.open(options.connection);
  const { connection, times } = options;
  const ways = [first.over(connection), second.over(connection)] as const;
  const leaseMs = times?.ttlMs ?? 15_000;
  return await throughFaults({ ...options, ways }, async ({ town, meet }) => {
    for (let n = 0; n < options.count; n += 1) {
      const wire = town.random() < 0.5 ? first : second;
      const what = await cutOnce(wire, town.random, n, leaseMs);
      meet(what);
      options.onFault?.(`${n + 1}/${options.count}  ${what}`);
      await sleep(100 + town.random() * 400);
    }
  });
}

/** Ends and other statements by turns; every third is a silence or a reset. */
async function cutOnce(wire: Wire, random: () => number, n: number, leaseMs: number): Promise<string> {
  if (n % 3 < 2) {
    const at = n % 3 === 0 ? 0 : Math.floor(random() * statements.length);
    const [name, what] = statements[at] ?? ['a transaction', commit];
    const when = n % 3 === 0 || random() < 0.6 ? 'after' : 'before';
    const cut = await wire.cutAt(what, when, cutLimitMs);
    return cut ? `cut ${when} ${name}` : `nobody said ${name}`;
  }
  const silence = silences[Math.floor(random() * (silences.length + 1))];
  if (silence === undefined) {
    wire.reset();
    return 'reset';
  }
  const isLong = n % (3 * longEach) === 3 * longEach - 1;
  wire.silence(silence);
  await sleep(isLong ? leaseMs * 1.3 : 300 + random() * 1_200);
  wire.heal();
  return `silence of ${silence}${isLong ? ' past the lease' : ''}`;
}

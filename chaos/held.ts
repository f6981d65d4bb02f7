// Holds a runtime under L1 with 1,000 tickets that it could work, and counts on the server what it asks meanwhile, beside
// the same house without a ticket. Then it lets go, and the tickets are worked.
//   npm run build && node held.ts [SECONDS] [sources]
import { fileURLToPath } from 'node:url';
import { House } from '../e2e/harness/house.ts';
import { HeldHouse } from './tickets/held-house.ts';
import type { Counts } from './tickets/held-house.ts';

const [, , given = '600', from] = process.argv;
const seconds = Number(given);
const waiting = 1_000;
/** The house without tickets is watched for so much of the time. */
const emptyShare = 0.2;
/** More than this beside the empty house would be asking for what may not be had. */
const mostMore = 1.25;

await using house = new House();
if (from === 'sources') {
  const bin = fileURLToPath(new URL('../packages/cli/src/bin.ts', import.meta.url));
  house.command = [process.execPath, '--conditions=@kora/source', bin];
}
const held = new HeldHouse(house);
await held.raise();
await held.stopClaims();
const empty = await held.watch(Math.max(20, seconds * emptyShare), say);
await held.add(waiting);
const full = await held.watch(seconds, say);
const ready = await held.waiting();
const claimed = await held.letGo();

console.log(
  '\n| L1 in force | seconds | transactions per minute | claims asked of the store | tickets claimed |',
);
console.log('|---|---|---|---|---|');
row('no ticket waits', empty);
row(`${waiting} tickets wait`, full);
console.log(
  `${ready} tickets still waited at the end; after the stop was taken away they were claimed: ${claimed}`,
);
const bounded = perMinute(full) <= perMinute(empty) * mostMore;
const good = full.asked === 0 && full.claimed === 0 && ready === waiting && claimed && bounded;
console.log(good ? 'every law held' : 'BROKEN');
process.exitCode = good ? 0 : 1;

function say(counts: Counts): void {
  console.log(
    `${Math.round(counts.seconds)} s: ${counts.transactions} transactions, ${counts.asked} claims asked, ${counts.claimed} tickets claimed`,
  );
}

function perMinute({ transactions, seconds: over }: Counts): number {
  return (transactions / over) * 60;
}

function row(what: string, counts: Counts): void {
  const figures = [Math.round(counts.seconds), Math.round(perMinute(counts)), counts.asked, counts.claimed];
  console.log(`| ${[what, ...figures].join(' | ')} |`);
}

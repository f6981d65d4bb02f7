// Kills the runtime N times at every moment of its work and judges what is left: the long form of e2e/crash.test.ts.
//   npm run build && node chaos/kill-runtime.ts 1000 [SEED]
import { judge } from './judge.ts';
import { storm } from './storm.ts';

const [, , kills = '100', seed = String(Date.now() % 100_000)] = process.argv;
console.log(`${kills} kills, seed ${seed}`);
const { facts, kills: struck } = await storm({
  kills: Number(kills),
  seed: Number(seed),
  onKill: (line) => console.log(line),
});
const broken = judge(facts);
const { tickets, messages, events, wired } = facts;
const repeats = wired.length - new Set(wired).size;
console.log(
  `${struck.length} kills: ${tickets.length} tickets, ${messages.length} messages, ${events.length} events; ` +
    `${repeats} deliveries were repeated outside`,
);
for (const line of broken) console.error(`BROKEN  ${line}`);
// No kill or no ticket would prove nothing.
const empty = struck.length === 0 || tickets.length === 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

// Kills a runtime's chain N times under mixed appends and judges what is left.
//   node --conditions=@kora/source chaos/kill-appender.ts embedded|postgres-15|pglite [N] [SEED] [PLANTED]
import { judgeAppends } from './append/judge.ts';
import { planted } from './append/running.ts';
import type { Planted } from './append/running.ts';
import { appendStorm, stores } from './append/storm.ts';

const [, , name = 'embedded', kills = '200', seed = String(Date.now() % 100_000), bug] = process.argv;
const store = stores.find((one) => one === name);
if (store === undefined) throw new RangeError(`no store is called ${name}: ${stores.join(', ')}`);
console.log(`${kills} kills on ${store}, seed ${seed}`);
const facts = await appendStorm({
  store,
  kills: Number(kills),
  seed: Number(seed),
  ...(isPlanted(bug) ? { planted: bug } : {}),
  onKill: (line) => console.log(line),
});
const broken = judgeAppends(facts);
console.log(
  `${facts.acknowledged.length} acknowledged, ${facts.events.length} there, ${facts.seen.length} reactions, ` +
    `chain of ${facts.headSeq} ${facts.verified.ok ? 'verifies' : 'does not verify'}`,
);
for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
const empty = facts.acknowledged.length === 0 || facts.seen.length === 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

function isPlanted(text: string | undefined): text is Planted {
  return planted.some((one) => one === text);
}

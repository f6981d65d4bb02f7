// Kills a runtime that thinks at each step between the reservation of a call and its settlement, and judges the money:
// the journal, the runs, and what the provider was asked.
//   npm run build && node chaos/spend.ts [N] [SEED] [BUG]
import { randomFrom } from './random.ts';
import { judgeSpend } from './spend/judge.ts';
import { isPlanted, plantedBugs } from './spend/planted.ts';
import { fates as allFates } from './spend/points.ts';
import { killSpenders } from './spend/run.ts';

const [, , count = String(allFates.length), seed = String(Date.now() % 100_000), bug] = process.argv;
if (bug !== undefined && !isPlanted(bug))
  throw new RangeError(`no bug is called ${bug}: ${plantedBugs.join(', ')}`);
const random = randomFrom(Number(seed));
// Each once, then drawn.
const drawn = Array.from({ length: Number(count) }, (_, n) =>
  n < allFates.length ? n : Math.floor(random() * allFates.length),
);
const fates = drawn.flatMap((n) => allFates[n] ?? []);
console.log(`spend ${fates.length}, seed ${seed}${bug === undefined ? '' : `, planted: ${bug}`}`);
const began = performance.now();
const { facts } = await killSpenders({
  fates,
  ...(bug === undefined ? {} : { planted: bug }),
  onKill: (line) => console.log(line),
});
const broken = judgeSpend(facts);
const { asked, refused, fits } = facts.edge;
const asks = [...facts.asked.values()].reduce((sum, n) => sum + n, 0);
const last = facts.looks.at(-1);
console.log(
  `${fates.length} kills; ${asks} requests at the provider, ${facts.runs.length} runs, ${facts.answered.length} answers; ` +
    `${last?.spent} spent and ${last?.reserved} reserved of ${fits} micro-dollars in the end, where ${asked} were asked ` +
    `and ${refused} refused; ${Math.round((performance.now() - began) / 1_000)} s`,
);
for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
console.log(broken.length === 0 ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 ? 0 : 1;

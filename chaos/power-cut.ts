// Cuts the power of a store N times under mixed appends: what was not flushed is gone. Judges what is left.
//   node --conditions=@kora/source chaos/power-cut.ts embedded|pglite [N] [SEED] [unflushed]
import { powerCuts } from './power/cuts.ts';
import { judgeAppends } from './append/judge.ts';

const [, , store = 'embedded', cuts = '10', seed = String(Date.now() % 100_000), bug] = process.argv;
if (store !== 'embedded' && store !== 'pglite') throw new RangeError(`no store is called ${store}`);
console.log(
  `${cuts} power cuts on ${store}, seed ${seed}${bug === 'unflushed' ? ', with flushing switched off' : ''}`,
);
const facts = await powerCuts({
  store,
  cuts: Number(cuts),
  seed: Number(seed),
  unflushed: bug === 'unflushed',
  onCut: (line) => console.log(line),
});
const broken = judgeAppends(facts);
console.log(
  `${facts.acknowledged.length} acknowledged, ${facts.events.length} there, chain of ${facts.headSeq} ${facts.verified.ok ? 'verifies' : 'does not verify'}`,
);
for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
const empty = facts.acknowledged.length === 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

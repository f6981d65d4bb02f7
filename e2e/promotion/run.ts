// How right the phrases are that promote_phrasebook proposes: `npm run promotion -- [--seeds 5] [--from 1] [--save]`. For
// each seed and each of two houses a month of traffic, what the loop proposes of it, and what that would have done in the
// month after, by the truth of the generator. Ends with 1 when less than 98 of 100 answers are right, or nothing was
// proposed. With --save it writes bench/results/<date>-promotion.json.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import loops from '../../packages/promote-loops/src/index.ts';
import { createTestRuntime } from '../../packages/testkit/src/index.ts';
import { clinic } from './clinic.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { daysAfter, monthOf } from './month.ts';
import { pastOf } from './past-questions.ts';
import { harbour } from './topics.ts';
import type { Vocabulary } from './topics.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    from: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});

const leastPrecision = 0.98;
const houses: Readonly<Record<string, Vocabulary>> = { harbour, clinic };
const endMs = Date.parse('2026-11-01T00:00:00Z');

interface Row extends Judgement {
  readonly house: string;
  readonly seed: number;
  readonly runs: number;
  readonly proposed: number;
  readonly ms: number;
}

async function rowOf(house: string, words: Vocabulary, seed: number): Promise<Row> {
  const month = monthOf(seed, endMs, words);
  const past = { questions: await pastOf(month.asked) };
  const config = { loops: { promote_phrasebook: { windowDays: 30 } } };
  await using runtime = await createTestRuntime({ plugin: loops, config, past, trusted: true });
  const window = { since: new Date(month.span.fromMs).toISOString(), until: new Date(endMs).toISOString() };
  const began = performance.now();
  const { drafts } = await runtime.runLoop('promote_phrasebook', window);
  const ms = Math.round(performance.now() - began);
  const entries = drafts
    .filter(({ examination }) => examination.passed)
    .map(({ draft: { change } }) => ({
      pattern: change.key,
      reply: (change.value as { readonly reply: string }).reply,
    }));
  const judgement = await judge(entries, daysAfter(seed, endMs, 30, { words }));
  return { house, seed, runs: month.asked.length, proposed: entries.length, ms, ...judgement };
}

const rows: Row[] = [];
for (const [house, words] of Object.entries(houses))
  for (let n = 0; n < Number(values.seeds); n += 1)
    rows.push(await rowOf(house, words, Number(values.from) + n));

const share = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3));
const usd = (microUsd: number): string => `$${(microUsd / 1_000_000).toFixed(2)}`;
console.table(
  rows.map((row) => ({
    house: row.house,
    seed: row.seed,
    runs: row.runs,
    proposed: row.proposed,
    answered: row.answered,
    right: row.right,
    precision: share(row.right, row.answered),
    recall: share(row.right, row.answerable),
    deflected: usd(row.deflectedMicroUsd),
    of: usd(row.costMicroUsd),
    share: share(row.deflectedMicroUsd, row.costMicroUsd),
    ms: row.ms,
  })),
);
for (const { house, seed, wrong } of rows) for (const line of wrong) console.log(`${house} ${seed}: ${line}`);
if (values.save) {
  const name = `${new Date().toISOString().slice(0, 10)}-promotion.json`;
  writeFileSync(
    fileURLToPath(new URL(`../../bench/results/${name}`, import.meta.url)),
    `${JSON.stringify(rows, null, 2)}\n`,
  );
}
if (rows.some(({ right, answered }) => answered === 0 || right / answered < leastPrecision))
  process.exitCode = 1;

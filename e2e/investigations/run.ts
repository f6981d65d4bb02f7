// The matrix of investigations, scored without a judge: `npm run investigations -- [--rung rules] [--model reader]
// [--seeds 3] [--from 1] [--only R1,R2] [--save]`. Prints a table and what did not come out right, and with --save writes
// bench/results/<date>-investigations.json. Ends with 1, and publishes nothing, when a case broke or was not run; with 1
// also when anything was wrong and sure of it.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { investigate } from './harness.ts';
import type { HarnessOptions, Result } from './harness.ts';
import { models } from './models.ts';
import type { ModelName } from './models.ts';
import { reportOf, tally } from './report.ts';
import { groups } from './truth.ts';

const { values } = parseArgs({
  options: {
    rung: { type: 'string', default: 'rules' },
    model: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    only: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});

const options: HarnessOptions = {
  rung: values.rung,
  seeds: Array.from({ length: Number(values.seeds) }, (_, n) => Number(values.from) + n),
  ...(values.only === undefined ? {} : { only: values.only.split(',') }),
  ...(values.model === undefined ? {} : { model: modelNamed(values.model) }),
};
const loadBefore = loadavg()[0];
const result = await investigate(options);
for (const line of result.trouble) console.error(line);
if (result.trouble.length > 0) {
  console.error('not published: the harness is not in order');
  process.exitCode = 1;
} else {
  for (const line of reportOf(result)) console.log(line);
  if (values.save) save(result);
  if (tally(result, 'alone').outcomes.confident_wrong > 0) process.exitCode = 1;
}

function save(result: Result): void {
  const tallies = (rung: 'alone' | 'together') => ({
    all: tally(result, rung),
    ...Object.fromEntries(
      groups.filter((group) => has(result, group)).map((group) => [group, tally(result, rung, group)]),
    ),
  });
  const { rung, model, worked } = result;
  const figures = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), node: process.version },
    load: { before: loadBefore, after: loadavg()[0] },
    rung,
    model,
    runs: worked.length,
    seeds: options.seeds,
    alone: tallies('alone'),
    ...(model === null ? {} : { together: tallies('together') }),
    cases: worked.map(({ truth, seed, alone, together }) => ({
      id: truth.id,
      seed,
      alone: { ...alone.score, ms: alone.run.ms },
      together: { ...together.score, ms: together.run.ms, shown: together.run.shown.length },
    })),
  };
  const name = `${new Date().toISOString().slice(0, 10)}-investigations.json`;
  const file = fileURLToPath(new URL(`../../bench/results/${name}`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

function has({ worked }: Result, group: (typeof groups)[number]): boolean {
  return worked.some(({ truth }) => truth.group === group);
}

function modelNamed(name: string): ModelName {
  if (Object.hasOwn(models, name)) return name as ModelName;
  throw new Error(`there is no model ${name}: ${Object.keys(models).join(', ')}`);
}

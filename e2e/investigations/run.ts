// The matrix of investigations, scored without a judge: `npm run investigations -- [--rung rules] [--model reader]
// [--seeds 3] [--only R1,R2]`. Prints a table and what did not come out right. Ends with 1 when anything broke, was not run,
// or was wrong and sure of it.
import { parseArgs } from 'node:util';
import { investigate } from './harness.ts';
import type { HarnessOptions } from './harness.ts';
import { models } from './models.ts';
import type { ModelName } from './models.ts';
import { reportOf, tally } from './report.ts';

const { values } = parseArgs({
  options: {
    rung: { type: 'string', default: 'rules' },
    model: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

const options: HarnessOptions = {
  rung: values.rung,
  seeds: Array.from({ length: Number(values.seeds) }, (_, n) => n + 1),
  ...(values.only === undefined ? {} : { only: values.only.split(',') }),
  ...(values.model === undefined ? {} : { model: modelNamed(values.model) }),
};
const result = await investigate(options);
for (const line of result.trouble) console.error(line);
if (result.trouble.length > 0) {
  console.error('not published: the harness is not in order');
  process.exitCode = 1;
} else {
  for (const line of reportOf(result)) console.log(line);
  if (tally(result, 'alone').outcomes.confident_wrong > 0) process.exitCode = 1;
}

function modelNamed(name: string): ModelName {
  if (Object.hasOwn(models, name)) return name as ModelName;
  throw new Error(`there is no model ${name}: ${Object.keys(models).join(', ')}`);
}

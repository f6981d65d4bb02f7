// Ends PostgreSQL N times under a runtime at work, in each way it can end, and judges what is left: the long form of
// packages/runtime/src/restart.db.test.ts. The runtime is never restarted; one that ends breaks the run.
//   npm run build && node chaos/restart-postgres.ts 20 [SEED]
import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../e2e/harness/house.ts';
import { kill } from '../e2e/harness/processes.ts';
import { until } from '../e2e/harness/wait.ts';
import { gather } from './facts.ts';
import { judge } from './judge.ts';
import { postmasterOf } from './postmaster.ts';
import { settled } from './settled.ts';
import { randomFrom } from './random.ts';
import { Scene } from './scene.ts';

/** Fast shutdown, immediate shutdown, and none at all. */
const endings = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
const longestCalmMs = 1_500;

const [, , times = '20', seed = String(Date.now() % 100_000)] = process.argv;
const restarts = Number(times);
const random = randomFrom(Number(seed));
console.log(`${restarts} restarts, seed ${seed}`);

await using house = new House();
const scene = new Scene(house);
await scene.prepare();
const { child } = await scene.raise();
await scene.expectErrands();
scene.feed();
const recoveries: number[] = [];
for (let n = 0; n < restarts; n += 1) {
  await sleep(random() * longestCalmMs);
  const ending = endings[n % endings.length] ?? 'SIGKILL';
  const postmaster = postmasterOf(house.home);
  const known = scene.acknowledged.size;
  const began = performance.now();
  kill(postmaster, ending);
  await until('another PostgreSQL', () => postmasterOf(house.home) !== postmaster);
  await until('a ticket to be acknowledged again', () => scene.acknowledged.size > known);
  if (child.end !== undefined) throw new Error(`the runtime ended: ${JSON.stringify(child.end)}`);
  recoveries.push(performance.now() - began);
  console.log(
    `${n + 1}/${restarts}  ${ending}; ${Math.round(recoveries.at(-1) ?? 0)} ms until a ticket was acknowledged again`,
  );
}
await scene.sate();
await settled(scene);
const facts = await gather(scene);
const broken = judge(facts);
console.log(
  `${recoveries.length} restarts: ${scene.acknowledged.size} tickets acknowledged, ${facts.events.length} events, ` +
    `slowest return ${Math.round(Math.max(...recoveries))} ms`,
);
for (const line of broken) console.error(`BROKEN  ${line}`);
// No restart or no ticket would prove nothing.
const empty = recoveries.length === 0 || scene.acknowledged.size === 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
const { code, stderr } = await house.kora('down');
if (code !== 0) console.error(`kora down after the run: exit ${code}\n${stderr}`);
process.exitCode = broken.length === 0 && !empty && code === 0 ? 0 : 1;

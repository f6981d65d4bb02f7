// Plays N random histories of two runtimes on a real store and holds each against the reference model.
//   node --conditions=@kora/source chaos/state-model.ts [N] [SEED] [PLANTED]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWith } from '../packages/postgres/src/open.ts';
import { prepareStore } from './append/prepare.ts';
import { placeOutside } from './append/storm.ts';
import { checkStateModel } from './state/check.ts';
import { plantedBugs } from './state/planted.ts';

const [, , runs = '10000', seed = String(Date.now() % 1_000_000), bug] = process.argv;
const planted = plantedBugs.find((one) => one === bug);
if (bug !== undefined && planted === undefined)
  throw new RangeError(`no bug is called ${bug}: ${plantedBugs.join(', ')}`);
console.log(`${runs} histories, seed ${seed}`);
const home = mkdtempSync(join(tmpdir(), 'kora-chaos-model-'));
const server = await openWith({ home });
const met = new Map<string, number>();
let done = 0;
try {
  await prepareStore({ kind: 'server', connection: { ...server.connection } });
  const report = await checkStateModel({
    connection: server.connection,
    runs: Number(runs),
    seed: Number(seed),
    met,
    ...(planted === undefined ? {} : { planted }),
    onRun: () => {
      done += 1;
      if (done % 500 === 0) console.log(`${done} histories`);
    },
  });
  console.log([...met].map(([what, times]) => `${what} ${times}`).join(', '));
  console.log(report ?? 'every law held');
  process.exitCode = report === undefined && done > 0 ? 0 : 1;
} finally {
  const outside = placeOutside(home);
  await server.stop();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}

// Every order of the steps of the claim protocol within bounds, on the SQL that ships; then pairs of its statements at once.
//   node --conditions=@kora/source chaos/claims.ts [BUG] [GRANTS FAULTS OPERATIONS]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWith } from '../packages/postgres/src/open.ts';
import { prepareStore } from './append/prepare.ts';
import { placeOutside } from './append/storm.ts';
import { checkClaims } from './claims/check.ts';
import { plantedBugs } from './claims/planted.ts';

const words = process.argv.slice(2);
const planted = plantedBugs.find((one) => one === words[0]);
if (planted !== undefined) words.shift();
const [grants = 2, faults = 1, operations = 1] = words.map(Number);
if ([grants, faults, operations].some((n) => !Number.isInteger(n) || n < 0))
  throw new RangeError(
    `claims [BUG] [GRANTS FAULTS OPERATIONS], and BUG is one of: ${plantedBugs.join(', ')}`,
  );
const bounds = { workers: 3, tickets: 2, grants, faults, operations };
console.log(
  `3 workers, 2 tickets; at most ${grants} claims, ${faults} faults, ${operations} words of the operator`,
);

const home = mkdtempSync(join(tmpdir(), 'kora-chaos-claims-'));
const server = await openWith({ home });
const startedAt = performance.now();
const seconds = (): string => `${Math.round((performance.now() - startedAt) / 1_000)} s`;
try {
  const connection = { ...server.connection };
  await prepareStore({ kind: 'server', connection });
  const { found, pairs, broken } = await checkClaims({
    connection,
    bounds,
    ...(planted === undefined ? {} : { planted }),
    onState: (states, transitions) => {
      if (states % 1_000 === 0) console.log(`${states} states, ${transitions} transitions, ${seconds()}`);
    },
  });
  for (const [step, times] of found.taken) console.log(`${String(times).padStart(8)}  ${step}`);
  console.log(
    `${found.states} states, ${found.transitions} transitions, longest history ${found.depth} steps, ${seconds()}`,
  );
  if (pairs !== undefined) console.log(`${pairs.runs} meetings, in ${pairs.waited} of them one waited`);
  console.log(broken ?? 'every law held');
  process.exitCode = broken === undefined ? 0 : 1;
} finally {
  const outside = placeOutside(home);
  await server.stop();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}

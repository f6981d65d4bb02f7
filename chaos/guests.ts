// Starts a house with nine bad guests, a good one and one that tries everything, beside the same house without the nine,
// and says what became of each, of the others, of boots and of the stop: the table of docs/faults.md.
//   npm run build && node chaos/guests.ts [BOOTS] [sources]
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  badGuests,
  guestEnvironment,
  installGuests,
  isDealtWith,
  lateness,
  probe,
  reasonsOf,
  rowOf,
} from '../e2e/harness/guests.ts';
import type { Outcome } from '../e2e/harness/guests.ts';
import { House } from '../e2e/harness/house.ts';
import { until } from '../e2e/harness/wait.ts';

const [, , given = '5', from] = process.argv;
const boots = Number(given);
const nobody = 65_534;
const askEveryMs = 100;
/** Until one that keeps ending has been started again often enough to be quarantined. */
const longestMs = 60_000;

function open(names: readonly string[]): House {
  const house = new House();
  if (from === 'sources') {
    const bin = fileURLToPath(new URL('../packages/cli/src/bin.ts', import.meta.url));
    house.command = [process.execPath, '--conditions=@kora/source', bin];
  }
  installGuests(house, names);
  return house;
}

interface Boots {
  readonly bootMs: number[];
  readonly stopMs: number[];
}

/** Starts and stops, of which the first, which makes the database, is not counted. */
async function bootsOf(house: House): Promise<Boots> {
  const measured: Boots = { bootMs: [], stopMs: [] };
  for (let n = 0; n <= boots; n += 1) {
    const { ready } = await house.up([], { env: guestEnvironment });
    const began = performance.now();
    const { code, stderr } = await house.kora('down');
    if (code !== 0) throw new Error(`kora down: exit ${code}\n${stderr}`);
    await house.empty();
    if (n === 0) continue;
    measured.bootMs.push(ready.bootMs);
    measured.stopMs.push(performance.now() - began);
  }
  return measured;
}

/** How long the runtime takes to answer, for as long as the signal lets it be asked. */
async function answerTimes(house: House, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const began = performance.now();
    await house.api().status();
    times.push(performance.now() - began);
    await sleep(askEveryMs);
  }
  return times;
}

interface Run {
  readonly late: readonly number[];
  readonly answers: readonly number[];
  readonly outcomes: readonly Outcome[];
  readonly broken: readonly string[];
}

/** Lets them do what they do, until each has been dealt with and the one that exits is quarantined. */
async function live(house: House, bad: typeof badGuests): Promise<Run> {
  await house.up([], { env: guestEnvironment });
  const over = new AbortController();
  const since = Date.now();
  const asking = answerTimes(house, over.signal);
  await until('the good one', async () => rowOf(await house.api().plugins(), 'good').state === 'proven');
  const outcomes = await probe(house);
  const broken: string[] = [];
  for (const guest of bad) {
    const dealt = until(guest.id, () => isDealtWith(house, guest), longestMs);
    await dealt.catch((error: unknown) => broken.push(String(error)));
  }
  if (bad.length === 0) await sleep(longestMs / 4);
  else
    await until(
      'quarantine',
      async () => rowOf(await house.api().plugins(), 'bad-exit').state === 'quarantined',
    );
  over.abort();
  const answers = await asking;
  const late = await lateness(house, since);
  await tellRows(house, bad);
  const good = rowOf(await house.api().plugins(), 'good');
  if (good.state !== 'proven' || good.usage?.crashes !== 0) broken.push(`good is ${good.state}`);
  const { primaryState } = await house.api().status();
  if (primaryState !== 'ready') broken.push(`the runtime is ${primaryState}`);
  const { code } = await house.kora('down');
  if (code !== 0) broken.push(`kora down: exit ${code}`);
  await house.empty();
  return { late, answers, outcomes, broken };
}

async function tellRows(house: House, bad: typeof badGuests): Promise<void> {
  if (bad.length === 0) return;
  const rows = await house.api().plugins();
  console.log(
    '\n| guest | state | reasons it was shown with | crashes | started again | processor ms | lines dropped |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const { id, does } of bad) {
    const { state, usage } = rowOf(rows, id);
    const reasons = [...new Set((await reasonsOf(house, id)).map(({ code }) => code))].join(', ');
    const figures = [usage?.crashes, usage?.restarts, usage?.cpuMs, usage?.dropped].map(
      (each) => each ?? '-',
    );
    console.log(`| ${[does, state, reasons || '-', ...figures].join(' | ')} |`);
  }
  console.log(`\n${(await house.kora('plugin', 'list')).stdout}`);
}

/** Median and worst, in milliseconds. */
function span(values: readonly number[]): string {
  const known = values.toSorted((a, b) => a - b);
  const [median, worst] = [known[Math.floor((known.length - 1) / 2)], known.at(-1)];
  return median === undefined || worst === undefined ? '-' : `${Math.round(median)} / ${Math.round(worst)}`;
}

const others = ['good', 'probing'];
const all = [...others, ...badGuests.map(({ id }) => id)];
const runs: [string, Run, Boots][] = [];
for (const [what, names, bad] of [
  ['without the nine', others, []],
  ['with the nine', all, badGuests],
] as const) {
  await using house = open(names);
  const booted = await bootsOf(house);
  runs.push([what, await live(house, bad), booted]);
}
console.log(
  '| milliseconds, median / worst | boot to ready | kora down | the good one’s task began late | API answered in |',
);
console.log('|---|---|---|---|---|');
for (const [what, { late, answers }, { bootMs, stopMs }] of runs)
  console.log(`| ${[what, ...[bootMs, stopMs, late, answers].map(span)].join(' | ')} |`);

/** What the probing guest came to in a house of an ordinary user; a machine where we are none has both. */
async function probedBy(uid: number): Promise<readonly Outcome[]> {
  await using house = open(others);
  execFileSync('chown', ['-R', `${uid}:${uid}`, house.box]);
  await house.up([], { env: guestEnvironment, uid });
  await until('the good one', async () => rowOf(await house.api().plugins(), 'good').state === 'proven');
  const outcomes = await probe(house);
  await house.kora('down');
  return outcomes;
}

const tried = runs[1]?.[1].outcomes ?? [];
const asNobody = process.getuid?.() === 0 ? await probedBy(nobody) : undefined;
console.log(`\n| a guest tries to | here${asNobody === undefined ? '' : ' | by an ordinary user'} |`);
console.log(`|---|---|${asNobody === undefined ? '' : '---|'}`);
for (const { what, done, how } of tried) {
  const other = asNobody?.find((each) => each.what === what);
  const words = (each: Pick<Outcome, 'done' | 'how'>): string =>
    `${each.done ? 'possible' : 'refused'}: ${each.how}`;
  console.log(
    `| ${[what, words({ done, how }), ...(other === undefined ? [] : [words(other)])].join(' | ')} |`,
  );
}
const broken = runs.flatMap(([, { broken: lines }]) => lines);
for (const line of broken) console.error(`BROKEN  ${line}`);
const empty = tried.length === 0;
console.log(broken.length === 0 && !empty ? '\nevery law held' : '\nBROKEN');
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

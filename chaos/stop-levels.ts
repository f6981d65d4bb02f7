// Stops houses in full swing at every level and measures what came of it: the table of docs/stop.md.
//   npm run build && node chaos/stop-levels.ts [ROUNDS]
import { House } from '../e2e/harness/house.ts';
import { Labour } from './stop/labour.ts';
import { goOn, startStopped, stopHard, stopMildly } from './stop/levels.ts';
import type { LevelFacts } from './stop/levels.ts';
import { stopSilent } from './stop/silent.ts';
import type { SilentFacts } from './stop/silent.ts';
import { withoutStore } from './stop/without-store.ts';

const [, , rounds = '5'] = process.argv;
/** Twice two handlers work, and as many tickets wait. */
const eachKind = 6;

interface Home {
  readonly isTrusted: boolean;
}

async function inFullSwing(house: House, { isTrusted }: Home): Promise<Labour> {
  const labour = new Labour(house);
  await labour.prepare({ isTrusted });
  await labour.raise();
  await labour.begin(eachKind);
  return labour;
}

/** All levels on one home, one after the other. */
async function levels(home: Home): Promise<LevelFacts[]> {
  await using house = new House();
  const labour = await inFullSwing(house, home);
  const facts: LevelFacts[] = [];
  for (const level of [1, 2, 3] as const) {
    facts.push(await stopMildly(labour, level));
    await goOn(labour);
  }
  for (const level of [4, 5] as const) {
    const token = house.token();
    const read = await stopHard(labour, level);
    const next = await startStopped(labour, token);
    facts.push(await read());
    const isRight = next.primaryState === 'paused' && next.stopLevel === level && next.leaked === 0;
    const isShut = level === 4 || (next.isTokenGone && next.isTokenFresh && next.oldTokenStatus === 401);
    if (!isRight || !isShut) throw new Error(`the start after L${level}: ${JSON.stringify(next)}`);
    await goOn(labour);
  }
  for (const each of facts) judge(each);
  return facts;
}

/** Frozen, and hanging: each is killed, and comes up stopped. */
async function silent(what: 'frozen' | 'hanging'): Promise<SilentFacts> {
  await using house = new House();
  const labour = await inFullSwing(house, { isTrusted: true });
  if (what === 'frozen') labour.up.child.signal('SIGSTOP');
  else await labour.order('hang');
  const facts = await stopSilent(labour);
  await labour.order('more');
  const next = await startStopped(labour, house.token());
  if (next.primaryState !== 'paused' || next.leaked > 0)
    throw new Error(`the start after ${what}: ${JSON.stringify(next)}`);
  return facts;
}

/** What a stop must not let through, and for a kill how the process must end. */
function judge({ level, outside, pastAcknowledgement, exit }: LevelFacts): void {
  const { begunAfter, otherCallsAfter, heldCallsAfter } = outside;
  const leaked = pastAcknowledgement + begunAfter + otherCallsAfter + (level === 1 ? 0 : heldCallsAfter);
  const isEnded = level < 4 || exit?.code === 80;
  if (leaked > 0 || !isEnded) throw new Error(`L${level}: ${JSON.stringify({ outside, exit })}`);
}

/** Median, and the worst. */
function span(values: readonly (number | null | undefined)[]): string {
  const known = values.filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
  const [median, worst] = [known[Math.floor((known.length - 1) / 2)], known.at(-1)];
  return median === undefined || worst === undefined ? '-' : `${Math.round(median)} / ${Math.round(worst)}`;
}

function levelRow(level: number, facts: readonly LevelFacts[]): string {
  const of = facts.filter((each) => each.level === level);
  const figures = of.map(({ said, outside }) => `${said.effect?.callsRefused}=${outside.refused}`);
  return [
    `| L${level}`,
    span(of.map(({ commandMs }) => commandMs)),
    span(of.map(({ acknowledgedMs }) => acknowledgedMs)),
    span(of.map(({ enforcedMs }) => enforcedMs)),
    span(of.map(({ outside }) => outside.lastCallMs)),
    span(of.map(({ outside }) => outside.lastSignalMs)),
    span(of.map(({ releasedMs }) => releasedMs.at(-1))),
    span(of.map(({ exit }) => exit?.afterMs)),
    of.map(({ said }) => said.effect?.claimsReleased).join(' '),
    `${figures.join(' ')} |`,
  ].join(' | ');
}

for (const isTrusted of [true, false]) {
  const facts: LevelFacts[] = [];
  for (let round = 0; round < Number(rounds); round += 1) facts.push(...(await levels({ isTrusted })));
  console.log(`\n${isTrusted ? 'trusted plugin' : 'guest'}, ${rounds} rounds; milliseconds, median / worst`);
  console.log(
    '| | kora stop | acknowledged | in effect | last call outside | last signal | last claim back | exit | claims released | calls refused: row=outside |',
  );
  for (const level of [1, 2, 3, 4, 5]) console.log(levelRow(level, facts));
}

const cases = [
  { what: 'frozen (SIGSTOP)', run: () => silent('frozen') },
  { what: 'hanging main thread', run: () => silent('hanging') },
  { what: 'store gone', run: withoutStore },
];
console.log('\nL4 where no API answers; milliseconds from the start of the command, median / worst');
for (const { what, run } of cases) {
  const facts: SilentFacts[] = [];
  for (let round = 0; round < Number(rounds); round += 1) facts.push(await run());
  const ends = new Set(facts.map(({ code, signal }) => code ?? signal));
  const rows = [span(facts.map(({ commandMs }) => commandMs)), span(facts.map(({ endedMs }) => endedMs))];
  console.log(`| ${what} | ${rows.join(' | ')} | ${[...ends].join(' ')} |`);
}

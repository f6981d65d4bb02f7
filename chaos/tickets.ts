// Breaks two workers of tickets on one PostgreSQL again and again, and judges what is left in the store, on the chain and
// outside of both.
//   node --conditions=@kora/source tickets.ts kill|freeze|cut|postgres|clock [N] [SEED] [BUG]
import { faultNames, faults } from './tickets/faults.ts';
import { judgeTickets } from './tickets/judge.ts';
import { isPlanted, plantedBugs } from './tickets/planted.ts';
import { withServer } from './tickets/server.ts';

const [, , name = 'kill', count = '10', seed = String(Date.now() % 100_000), bug] = process.argv;
const fault = faultNames.find((one) => one === name);
if (fault === undefined) throw new RangeError(`no fault is called ${name}: ${faultNames.join(', ')}`);
if (bug !== undefined && !isPlanted(bug))
  throw new RangeError(`no bug is called ${bug}: ${plantedBugs.join(', ')}`);
console.log(`${fault} ${count}, seed ${seed}${bug === undefined ? '' : `, planted: ${bug}`}`);
const began = performance.now();
const { facts, met } = await withServer((server) =>
  faults[fault]({
    connection: { ...server.connection },
    server,
    count: Number(count),
    seed: Number(seed),
    ...(bug === undefined ? {} : { planted: bug, settleMs: 30_000 }),
    onFault: (line) => console.log(line),
  }),
);
const broken = judgeTickets(facts);
const of = (resolution: string): number =>
  facts.outcomes.filter((outcome) => outcome.resolution === resolution).length;
const effects = facts.told.filter(({ what, effects: promise }) => what === 'effect' && promise !== 'plain');
console.log(
  [...met]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([what, n]) => `${what} ${n}`)
    .join(', '),
);
console.log(
  `${facts.tickets.length} tickets: ${of('completed')} completed, ${facts.open.length} wait for the operator by rule; ` +
    `${facts.outcomes.length} claims, of which ${of('expired')} expired, ${of('released')} were given back; ` +
    `${effects.length} effects outside; ${facts.events.length} events of claims; ` +
    `${Math.round((performance.now() - began) / 1_000)} s`,
);
for (const line of broken.slice(0, 20)) console.error(`BROKEN  ${line}`);
// A run that met no fault, or in which nothing was worked, would prove nothing.
const empty = met.size === 0 || of('completed') === 0;
console.log(broken.length === 0 && !empty ? 'every law held' : `${broken.length} laws broken`);
process.exitCode = broken.length === 0 && !empty ? 0 : 1;

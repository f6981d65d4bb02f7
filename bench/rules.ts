// What it takes to read a log by rule and to conclude, on one core: `pnpm bench rules [--lines N] [--rounds N] [--no-save]`.
// Three logs of a service, each with one line that decides: short and alike, with names that vary, and JSON. Every round
// has to name the line. What counts is processor time, of all threads: what else the machine does is not in it. Then lines
// of somebody who wants to be read for long. Writes bench/results/<date>-rules.json and prints the table of
// docs/benchmarks.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { log, now, world } from '../packages/plugin-probes/fixtures/world.ts';
import { conclude } from '../packages/plugin-probes/src/rules/conclude.ts';
import { findCauses } from '../packages/plugin-probes/src/rules/findings.ts';
import { figuresOf, row } from './figures.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '7' },
    'no-save': { type: 'boolean', default: false },
  },
});
const count = Number(values.lines);
const goalMs = 1_000;
const loadBefore = loadavg()[0];

const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (n: number): string =>
  [n % 26, (n * 7) % 26, (n * 11) % 26, (n >> 3) % 26].map((at) => letters[at]).join('');

const logs: Readonly<Record<string, (n: number) => string>> = {
  'requests that differ in numbers': (n) => `INFO GET /cart/${n} 200 in ${n % 40}ms`,
  'lines of many words, names among them': (n) =>
    `INFO order of ${word(n)} ${word(n + 5)} went to ${word(n % 97)} by way of the ${word(n % 13)} house and was paid in ${n % 9} parts`,
  'JSON, a dozen keys a line': (n) =>
    JSON.stringify({
      level: 'info',
      msg: 'served',
      path: `/p/${n % 50}`,
      took_ms: n % 70,
      rss: 1e8 + n,
      pool_used: n % 9,
      trace: word(n),
      user: n,
    }),
};

/** What somebody writes who wants to be read for long: as many characters as a file may have, in lines that never end well. */
const hostileBytes = 16 * 1_048_576;
const hostile: Readonly<Record<string, string | ((n: number) => string)>> = {
  'each line another sentence': (n) =>
    `${word(n)}${word(n >> 2)} ${word(n + 1)} missing pool connection `.repeat(110),
  'one letter': 'a'.repeat(4_000),
  'keys without values': 'latency='.repeat(500),
  'almost pools': 'pool 100 '.repeat(440),
  slashes: '/a'.repeat(2_000),
  'almost images': 'failed to pull '.repeat(260),
  'almost settings': 'missing required A_B '.repeat(190),
  quotes: '"time":'.repeat(570),
  digits: '1'.repeat(4_000),
};

function processorMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

const measured: { what: string; bytes: number; figures: ReturnType<typeof figuresOf> }[] = [];
for (const [what, write] of Object.entries(logs)) {
  const lines = Array.from(
    { length: count },
    (_, n) => `${new Date(now - (count - n) * 50).toISOString()} ${write(n)}`,
  );
  const place = count - 200;
  lines[place] = `${new Date(now - 200 * 50).toISOString()} ERROR ledger disagrees with itself`;
  const scene = world({ logs: [log('unit:shop', lines)] });
  const samples: number[] = [];
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    const from = process.cpuUsage();
    const found = conclude(scene, await findCauses(scene));
    // The first round warms up.
    if (round > 0) samples.push(processorMs(from));
    const [first] = found.findings;
    if (found.kind !== 'concluded' || first?.evidence[0] !== `log:shop#${place + 1}`)
      throw new RangeError(`${what}: ${found.kind}, ${first?.text ?? 'nothing found'}`);
  }
  const figures = figuresOf(samples);
  measured.push({ what, bytes: lines.join('\n').length, figures });
  process.stdout.write(`${row(`${count} lines: ${what}`, figures)}\n`);
}
for (const [what, text] of Object.entries(hostile)) {
  const written = typeof text === 'string' ? () => text : text;
  const many = Math.floor(hostileBytes / written(0).length);
  const lines = Array.from(
    { length: many },
    (_, n) => `${new Date(now - (many - n) * 50).toISOString()} ERROR ${written(n)}`,
  );
  const scene = world({ logs: [log('unit:shop', lines)] });
  const from = process.cpuUsage();
  conclude(scene, await findCauses(scene));
  const figures = figuresOf([processorMs(from)]);
  measured.push({ what: `hostile: ${what}`, bytes: hostileBytes, figures });
  process.stdout.write(`${row(`16 MiB of hostile lines: ${what}`, figures)}\n`);
}
if (!values['no-save']) save();

function save(): void {
  const folder = fileURLToPath(new URL('results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), node: process.version };
  const load = { before: loadBefore, after: loadavg()[0] };
  const file = `${folder}/${new Date().toISOString().slice(0, 10)}-rules.json`;
  writeFileSync(file, `${JSON.stringify({ machine, load, goalMs, lines: count, measured }, null, 2)}\n`);
}

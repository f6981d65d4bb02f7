// Look-ups in the phrasebook, one after the other on one core: `pnpm bench phrasebook [--seconds N] [--no-save]`. Questions
// of operators and questions of nobody's book take turns, against what is shipped, against 200 entries more, and against 200
// that are written to be slow. Every answer is checked. Writes bench/results/<date>-phrasebook.json and prints the table of
// docs/benchmarks.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { baseEntries } from '../packages/runtime/src/reason/phrasebook/base.ts';
import { Book } from '../packages/runtime/src/reason/phrasebook/book.ts';
import type { Entry } from '../packages/runtime/src/reason/phrasebook/contract.ts';
import { placeholderPaths } from '../packages/runtime/src/reason/snapshot/paths.ts';
import {
  noonMs,
  sampleSections,
  sampleSnapshot,
} from '../packages/runtime/src/reason/snapshot/testing/whole.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, 'no-save': { type: 'boolean', default: false } },
});
const goal = 10_000;
const snapshot = await sampleSnapshot();
const paths = placeholderPaths(sampleSections());
const loadBefore = loadavg()[0];

const known = ['status', 'is the shop up?', 'what failed?', 'cost so far', 'what runs next', 'who are you?'];
const strange = [
  'write me a letter to the landlord about the heating in the kitchen',
  'why did the deploy of the shop take forty minutes yesterday, and who looked into it?',
  `is ${'a '.repeat(38)}`,
];

const entry = (pattern: string, n: number): Entry => ({
  pattern,
  reply: `entry ${n}: {snapshot.tickets.summary}`,
  category: 'bench',
  description: 'for a measurement',
});
const many = (write: (n: number) => string): Entry[] =>
  Array.from({ length: 200 }, (_, n) => entry(write(n), n));

const books = {
  'as it is shipped': [],
  'and 200 of an operator': many((n) => `(what|how) is [the] (topic${n}|matter${n}) [today|now] $`),
  'and 200 that begin with any word': many((n) => `<one> * topic${n} [a] [a] [a] [a] $`),
  'and 200 that all fit until their last word': many((n) => `is ${'* a '.repeat(37 - (n % 10))}b $`),
};

const rows = Object.entries(books).map(([what, overlay]) => {
  const book = new Book({ overlay, base: baseEntries, paths });
  const questions = known.flatMap((text, at) => [text, strange[at % strange.length] ?? '']);
  const perSecond = measure(book, questions, Number(values.seconds) * 1_000);
  return { what, entries: book.size, perSecond };
});
for (const { what, entries, perSecond } of rows)
  process.stdout.write(`| ${what} | ${entries} | ${perSecond.toLocaleString('en').replaceAll(',', ' ')} |\n`);
if (!values['no-save']) save();

/** Look-ups a second, asked in turns; every known question has to be answered, and no strange one. */
function measure(book: Book, questions: readonly string[], ms: number): number {
  const look = (): void => {
    for (const text of questions) {
      const { outcome } = book.look(text, snapshot, noonMs);
      if ((outcome === 'answered') !== known.includes(text)) throw new RangeError(`${text} is ${outcome}`);
    }
  };
  const warmUntil = performance.now() + ms / 10;
  while (performance.now() < warmUntil) look();
  const from = performance.now();
  let count = 0;
  while (performance.now() - from < ms) {
    look();
    count += questions.length;
  }
  return Math.round((count / (performance.now() - from)) * 1_000);
}

function save(): void {
  const folder = fileURLToPath(new URL('results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem(), node: process.version };
  const load = { before: loadBefore, after: loadavg()[0] };
  const file = `${folder}/${new Date().toISOString().slice(0, 10)}-phrasebook.json`;
  writeFileSync(file, `${JSON.stringify({ machine, load, goal, rows }, null, 2)}\n`);
}

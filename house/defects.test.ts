import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageSources, root } from './tree.ts';
import type { SourceFile } from './tree.ts';

/**
 * What was found wrong in the system before this one, by the numbers of the list that was made of it. Each has a test
 * that would have caught it; its title ends in `(defect 7)` or `(defects 7, 25)`.
 */
const defects = Array.from({ length: 40 }, (_, at) => at + 1);

/** What cannot be caught yet, and why. Whoever builds what is missing writes the test and takes the row away. */
const waiting: Readonly<Record<number, string>> = {};

/** What was found wrong in its tickets has a list of its own; its titles end in `(ticket defect 3)`. */
const ticketDefects = Array.from({ length: 16 }, (_, at) => at + 1);

const titled = /\b(?:test|it)(?:\.\w+)*\s*(?:\(|<)/;
const marked = /\((?:state )?defects? (\d+(?:, \d+)*)\)['"`]/g;
const markedOfTickets = /\(ticket defects? (\d+(?:, \d+)*)\)['"`]/g;

/** The numbers that end a title somewhere in a file of tests. */
function caughtIn({ text }: SourceFile, marks = marked): number[] {
  if (!titled.test(text)) return [];
  return [...text.matchAll(marks)].flatMap(([, numbers = '']) => numbers.split(', ').map(Number));
}

function testFiles(): SourceFile[] {
  const e2e = readdirSync(join(root, 'e2e')).map((name) => `e2e/${name}`);
  const ofPackages = packageSources().filter(({ path }) => path.endsWith('.test.ts'));
  const ofProduct = e2e
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  return [...ofPackages, ...ofProduct];
}

const files = testFiles();
const caught = new Set(files.flatMap((file) => caughtIn(file)));

test('every defect of the predecessor has a test that would have caught it, or a reason to wait', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(defects.filter((number) => !caught.has(number) && waiting[number] === undefined)).toEqual([]);
});

test('no reason is kept for a defect that has its test, and no test names one that is not in the list', () => {
  expect(Object.keys(waiting).filter((number) => caught.has(Number(number)))).toEqual([]);
  expect([...caught].filter((number) => !defects.includes(number))).toEqual([]);
});

test('every defect of the predecessor in tickets has a test that would have caught it', () => {
  const found = new Set(files.flatMap((file) => caughtIn(file, markedOfTickets)));
  expect([...found].sort((a, b) => a - b)).toEqual(ticketDefects);
});

/**
 * What was found wrong in how it thought and what that cost; titles end in `(daemon defect W48)`. W57, answers that are
 * worked out while a chat's server waits, comes with the channels.
 */
const thoughtDefects = [48, 49, 50, 51, 52, 53, 54, 55, 56, 58, 59];
const markedOfThought = /\(daemon defects? (W\d+(?:, W\d+)*)\)['"`]/g;

/** In how it watched, woke and mended: titles end in `(daemon defect W24)`. */
const watchDefects = [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37, 38, 39];

/** In how it learned, and in what came of that. */
const learningDefects = [60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70];

test.each([
  ['in watching, waking and mending', watchDefects],
  ['in learning', learningDefects],
  ['in thinking', thoughtDefects],
])('every defect of the predecessor %s has a test that would have caught it', (_, wanted) => {
  const found = files
    .filter(({ text }) => titled.test(text))
    .flatMap(({ text }) => [...text.matchAll(markedOfThought)])
    .flatMap(([, names = '']) => names.split(', ').map((name) => Number(name.slice(1))));
  expect(wanted.filter((number) => !found.includes(number))).toEqual([]);
});

test('a title is read at its end, and a number in prose is none', () => {
  const read = (text: string): number[] => caughtIn({ path: 'x', text });
  expect(read(`test('stops at once (defect 7)', () => {});`)).toEqual([7]);
  expect(read('test.each([1])(\n  `a stop of %d (defects 7, 25)`,\n async () => {});')).toEqual([7, 25]);
  expect(read(`test('x', () => {}); // it was (defect 7), once`)).toEqual([]);
  expect(read(`const words = '(defect 7)';`)).toEqual([]);
});

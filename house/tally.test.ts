import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { root } from './tree.ts';

// Each starts a whole test run in a process of its own.
vi.setConfig({ testTimeout: 120_000 });

// The figure that CI and people read: it must not be green when less was run than asked for.
let box: string;
beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), 'kora-tally-'));
});
afterEach(() => rmSync(box, { recursive: true, force: true }));

const passing = "test('a', () => {}); test('b', () => {});";

it('sums over all projects', () => {
  expect(run({ 'one.test.js': passing, 'two.test.js': passing })).toEqual({
    line: '4 passed, 0 failed',
    code: 0,
  });
});

it('counts a failed test', () => {
  const line = '2 passed, 1 failed';
  expect(run({ 'one.test.js': passing, 'two.test.js': "test('c', () => { throw 1; });" })).toEqual({
    line,
    code: 1,
  });
});

it('counts a file that does not load', () => {
  const line = '2 passed, 1 failed';
  expect(run({ 'one.test.js': passing, 'two.test.js': "import './nowhere.js';" })).toEqual({ line, code: 1 });
});

it('counts a skipped test and an unwritten one as failed', () => {
  const line = '2 passed, 2 failed';
  expect(run({ 'one.test.js': `${passing} test.skip('c', () => {}); test.todo('d');` })).toEqual({
    line,
    code: 1,
  });
});

it('counts a rejection that no test was waiting for', () => {
  const line = '2 passed, 1 failed';
  const text = `${passing} afterAll(() => { Promise.reject(new Error('lost')); });`;
  expect(run({ 'one.test.js': text })).toEqual({ line, code: 1 });
});

it('counts a run without any test as failed', () => {
  expect(run({})).toEqual({ line: '0 passed, 1 failed', code: 1 });
});

function run(files: Record<string, string>): { line: string | undefined; code: number | null } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(box, name), text);
  const project = (name: string): string =>
    `{ extends: true, test: { name: '${name}', include: ['${name}.test.js'], globals: true } }`;
  const reporter = JSON.stringify(join(root, 'scripts', 'reporter.ts'));
  writeFileSync(
    join(box, 'vitest.config.mjs'),
    `export default { test: { reporters: [${reporter}], projects: [${project('one')}, ${project('two')}] } };`,
  );
  // The summary file belongs to the run around this test.
  const { KORA_TEST_SUMMARY: _, ...env } = process.env;
  const vitest = join(root, 'node_modules', '.bin', 'vitest');
  const { stdout, status } = spawnSync(vitest, ['run', '--root', box], { env, encoding: 'utf8' });
  return { line: stdout.trim().split('\n').at(-1), code: status };
}

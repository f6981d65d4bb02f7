import { readFileSync } from 'node:fs';
import { exitCodes } from '@kora/runtime';
import { expect, it } from 'vitest';
import { commandTable, globalOptions } from './table/index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const commands = readme.slice(readme.indexOf('## Commands'), readme.indexOf('## For scripts'));

it.each(commandTable.map(({ name }) => name))('the README names kora %s', (name) => {
  const [first = '', verb] = name.split(' ');
  // `kora ticket add`, `list`, `show`: the noun once, then its verbs.
  const wanted = verb === undefined ? `kora ${first}\\b` : `kora ${first} (?:[^;|]*\`)?${verb}\\b`;
  expect(commands).toMatch(new RegExp(wanted));
});

it('the README has every global flag and every exit code, and no other', () => {
  for (const [flags] of globalOptions) expect(commands).toContain(flags.split(' ')[0]);
  const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(exitCodes));
});

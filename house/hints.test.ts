import { expect, it } from 'vitest';
import { commandTable, nouns } from '../packages/cli/src/table/index.ts';
import { isTest, packageSources } from './tree.ts';

// Not advice: the process that a probe watches, the reserved plugin ids, the name of a database connection.
const names = ['runtime', 'core', 'notifications'];
const known = new Set([
  ...names,

  'help',
  ...commandTable.map(({ name }) => name.split(' ')[0] ?? ''),
  ...Object.keys(nouns),
]);

/** Commands that a text tells somebody to type and that do not exist: advice at night must work as it stands. */
function inventedCommands(text: string): string[] {
  const advised = [...text.matchAll(/['"`]kora ([a-z]+)|: kora ([a-z]+)/g)].map(
    ([, quoted, named]) => quoted ?? named,
  );
  return advised.filter((verb) => verb !== undefined && !known.has(verb)).map(String);
}

it('a command that does not exist is caught, one that does is not', () => {
  expect(inventedCommands(`fix: 'kora levitate'`)).toEqual(['levitate']);
  expect(inventedCommands(`fix: 'kora status'`)).toEqual([]);
});

it('every command that a message advises exists', () => {
  const invented = packageSources()
    .filter((file) => !isTest(file))
    .flatMap(({ path, text }) => inventedCommands(text).map((verb) => `${path}: kora ${verb}`));
  expect(invented).toEqual([]);
});

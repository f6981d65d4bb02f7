import { exitCodes, faultTable } from '@kora/runtime';
import { expect, it } from 'vitest';
import { problemOf, refusal } from './fault.ts';
import { readCommandLine } from './program.ts';

it.each(Object.entries(exitCodes).filter(([, exit]) => exit > 1))(
  'exit code of %s has a family of its own',
  (name, exit) => {
    const { type } = problemOf(refusal('KORA_X', ''), { KORA_X: { exit } });
    expect(type).toBe(name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  },
);

it('help names every exit code', () => {
  const help = readCommandLine(['--help']);
  const text = help.kind === 'help' ? help.text.slice(help.text.indexOf('Exit codes')) : '';
  for (const exit of Object.values(exitCodes)) expect(text).toMatch(new RegExp(`\\b${exit} `));
});

it('reads an error of another copy of the runtime by its shape', () => {
  const foreign = Object.assign(new Error('the port is taken'), {
    code: 'KORA_PORT_TAKEN',
    fix: 'kora up --port 0',
  });
  expect(problemOf(foreign, faultTable)).toEqual({
    type: 'held',
    code: 'KORA_PORT_TAKEN',
    message: 'the port is taken',
    hint: 'kora up --port 0',
    exit: 73,
  });
});

it('anything else is an internal fault and keeps its words', () => {
  const system = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  expect(problemOf(system, faultTable)).toMatchObject({
    code: 'KORA_INTERNAL',
    message: 'no such file',
    exit: 1,
  });
  expect(problemOf('a string', faultTable)).toMatchObject({ code: 'KORA_INTERNAL', message: 'a string' });
  expect(problemOf(refusal('PLUGIN_MARVIN_FILE_MISSING', 'gone'), faultTable)).toMatchObject({
    code: 'PLUGIN_MARVIN_FILE_MISSING',
    exit: 1,
  });
});

import { ticketPriorities } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from './program.ts';
import { commandTable, nouns } from './table/index.ts';

const sample = (spec: (typeof commandTable)[number]): string[] => [
  ...spec.name.split(' '),
  ...(spec.args ?? []).map(() => 'x'),
];

describe('the command table', () => {
  it.each(commandTable.map((spec) => [spec.name, spec] as const))(
    '%s parses and its code is there',
    async (name, spec) => {
      const request = readCommandLine(sample(spec));
      expect(request).toMatchObject({ kind: 'run', raw: { command: name } });
      expect(await spec.load()).toBeTypeOf('function');
    },
  );

  it('has a word for every noun, and no noun without verbs', () => {
    const used = commandTable.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0]);
    expect(new Set(used)).toEqual(new Set(Object.keys(nouns)));
  });

  it('knows the priorities of the contract', () => {
    const add = commandTable.find(({ name }) => name === 'ticket add');
    expect(add?.options?.find(([flags]) => flags.startsWith('--priority'))?.[2]).toEqual([
      ...ticketPriorities,
    ]);
  });
});

describe('global flags', () => {
  it('stand before or after the command', () => {
    const wanted = { globals: { home: '/h', json: true, quiet: true, colour: false, workspace: 'w' } };
    const flags = ['--home', '/h', '--json', '--quiet', '--no-color', '--workspace', 'w'];
    expect(readCommandLine([...flags, 'ticket', 'list'])).toMatchObject(wanted);
    expect(readCommandLine(['ticket', 'list', ...flags])).toMatchObject(wanted);
  });

  it('are off when they are not there', () => {
    const globals = { home: undefined, json: false, quiet: false, colour: true, workspace: undefined };
    expect(readCommandLine(['status'])).toMatchObject({ globals });
  });
});

describe('what is not understood', () => {
  it.each([
    [['statsu'], "unknown command 'statsu'", 'did you mean status?'],
    [['ticket', 'lsit'], "unknown command 'lsit'", 'did you mean list?'],
    [['status', '--efects'], "unknown option '--efects'", 'did you mean --effects?'],
    [['status', '--nothing-like-it'], "unknown option '--nothing-like-it'", 'kora status --help'],
    [['--home', '/srv/kora', 'explain'], "missing required argument 'what'", 'kora explain --help'],
    [['--json', 'cost', 'release'], "missing required argument 'call'", 'kora cost release --help'],
    [['ticket', 'show'], "missing required argument 'ticket'", 'kora ticket show --help'],
    [['xyzzy'], "unknown command 'xyzzy'", 'kora --help'],
  ])('%j', (argv, message, fix) => {
    expect(() => readCommandLine(argv)).toThrow(
      expect.objectContaining({ code: 'KORA_USAGE', message, fix }),
    );
  });

  it('includes arguments too many and values that are none of the choices', () => {
    expect(() => readCommandLine(['status', 'now'])).toThrow(/too many arguments/);
    expect(() => readCommandLine(['ticket', 'add', '--priority', 'huge'])).toThrow(
      /frontier, high, normal, low/,
    );
  });
});

describe('help', () => {
  it('of the whole lists every noun and the exit codes', () => {
    const help = readCommandLine(['--help']);
    expect(help).toMatchObject({ kind: 'help', asked: true });
    const text = help.kind === 'help' ? help.text : '';
    for (const { name } of commandTable)
      expect(text).toMatch(new RegExp(`^  ${name.split(' ')[0] ?? ''} `, 'm'));
    expect(text).toContain('Exit codes: 0 ok');
  });

  it('of a command shows its flags and examples', () => {
    const help = readCommandLine(['pause', '--help']);
    expect(help.kind === 'help' ? help.text : '').toMatch(/--for <span>[\s\S]*\$ kora pause --for 1h/);
  });

  it('stands in for a verb that is missing, as a fault', () => {
    expect(readCommandLine(['ticket'])).toMatchObject({ kind: 'help', asked: false });
    expect(readCommandLine([])).toMatchObject({ kind: 'help', asked: true });
  });
});

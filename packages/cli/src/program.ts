import { Command, CommanderError, Option } from 'commander';
import type { Globals } from './context.ts';
import { usage } from './fault.ts';
import type { RawInput } from './input.ts';
import { commandTable, globalOptions, innerNouns, nouns } from './table/index.ts';
import type { CommandSpec, OptionSpec } from './table/index.ts';
import { ownVersion } from './version.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly spec: CommandSpec; readonly raw: RawInput; readonly globals: Globals }
  /** Help that was asked for goes to stdout; help in place of a missing verb to stderr, as a usage fault. */
  | { readonly kind: 'help'; readonly text: string; readonly asked: boolean }
  | { readonly kind: 'version'; readonly version: string };

const about = 'Kora, an always-on operator for your systems: starts a runtime and talks to a running one.';
const epilogue = `
Examples:
  $ kora up
  $ kora status
  $ kora ticket add --title 'Look at the nightly backup'
  $ kora event tail --follow

Exit codes: 0 ok, 1 findings or a failed operation, 2 could not run, 64 usage, 69 no runtime answers,
73 home or port held, 75 temporary, 77 denied, 78 configuration invalid, 79 budget, 80 stopped, 130 interrupted.`;

/** Reads a command line; throws `KORA_USAGE` for what it does not understand, with the nearest thing it does. */
export function readCommandLine(argv: readonly string[]): Request {
  let said = '';
  let request: Request | undefined;
  const program = buildProgram(
    (found) => (request = found),
    (text) => (said += text),
  );
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.version') return { kind: 'version', version: said.trim() };
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: said, asked: true };
    if (error.code === 'commander.help') {
      return {
        kind: 'help',
        text: said,
        asked: argv.every((word) => word.startsWith('-') || word === 'help'),
      };
    }
    throw refused(error, argv);
  }
  return request ?? { kind: 'help', text: program.helpInformation(), asked: true };
}

function buildProgram(found: (request: Request) => void, say: (text: string) => void): Command {
  const program = new Command('kora')
    .description(about)
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({ writeOut: say, writeErr: say, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .helpOption('-h, --help', 'what this command does')
    .version(ownVersion(), '--version', 'the version of this command')
    .addHelpText('after', epilogue);
  for (const spec of globalOptions) program.addOption(option(spec));
  const groups = new Map<string, Command>();
  for (const spec of commandTable) {
    const words = spec.name.split(' ');
    const verb = words.pop() ?? '';
    const parent = words.reduce(
      (at, _, index) => groupOf(at, groups, words.slice(0, index + 1).join(' ')),
      program,
    );
    const command = parent.command([verb, ...(spec.args ?? [])].join(' ')).description(spec.summary);
    for (const each of spec.options ?? []) command.addOption(option(each));
    if (spec.examples !== undefined) command.addHelpText('after', exampleText(spec.examples));
    command.allowExcessArguments(false).action(() => {
      found({ kind: 'run', spec, raw: rawInput(spec, command), globals: globalsOf(program) });
    });
  }
  return program;
}

/** `path` is a noun, or a noun of a noun: `mcp token`. */
function groupOf(parent: Command, groups: Map<string, Command>, path: string): Command {
  const noun = path.split(' ').at(-1) ?? path;
  const known = groups.get(path);
  if (known !== undefined) return known;
  // A noun that says something by itself has its verbs beside that: `kora cost`, `kora cost reconcile`.
  const spoken = parent.commands.find((each) => each.name() === noun);
  if (spoken !== undefined) return spoken;
  const group = parent
    .command(noun)
    .usage('<verb> [options]')
    .description(nouns[path] ?? innerNouns[path] ?? '');
  groups.set(path, group);
  return group;
}

function option([flags, means, choices]: OptionSpec): Option {
  const built = new Option(flags, means);
  return choices === undefined ? built : built.choices(choices);
}

function exampleText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`;
}

function rawInput(spec: CommandSpec, command: Command): RawInput {
  const names = (spec.args ?? []).map((name) => name.slice(1, -1));
  const pairs = names.flatMap((name, index): [string, string][] => {
    const value = command.args[index];
    return value === undefined ? [] : [[name, value]];
  });
  return { command: spec.name, args: Object.fromEntries(pairs), options: command.opts() };
}

function globalsOf(program: Command): Globals {
  const options: Readonly<Record<string, unknown>> = program.opts();
  const text = (key: string): string | undefined => {
    const value = options[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    home: text('home'),
    workspace: text('workspace'),
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    colour: options['color'] !== false,
  };
}

/** commander's own sentence, with its suggestion turned into the step that mends it. */
function refused(error: CommanderError, argv: readonly string[]): Error {
  const [first = '', second = ''] = error.message.split('\n');
  const sentence = first.replace(/^error: /, '');
  const nearest = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(second)?.[1];
  return usage(sentence, nearest === undefined ? helpFor(argv) : `did you mean ${nearest}?`);
}

/** The help of the command that was begun, as far as it can be told from its words. */
function helpFor(argv: readonly string[]): string {
  const taking = new Set(globalOptions.flatMap(([flags]) => /^(--\w+) </.exec(flags)?.[1] ?? []));
  const said = argv.filter((word, at) => !word.startsWith('-') && !taking.has(argv[at - 1] ?? ''));
  const words = `${said.join(' ')} `;
  const begun = commandTable
    .filter(({ name }) => words.startsWith(`${name} `))
    .reduce<CommandSpec | undefined>(longer, undefined);
  return begun === undefined ? 'kora --help' : `kora ${begun.name} --help`;
}

function longer(a: CommandSpec | undefined, b: CommandSpec): CommandSpec {
  return a !== undefined && a.name.length > b.name.length ? a : b;
}

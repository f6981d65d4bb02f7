import { relative } from 'node:path';
import { readArguments, usage } from './arguments.ts';
import { install } from './install.ts';
import { decide } from './plan.ts';
import type { Decided, Place } from './plan.ts';
import { createProject } from './project.ts';
import { CreateRefusal } from './refusal.ts';
import { ownVersion } from './template.ts';

export interface Terminal extends Place {
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Default: the package manager itself. */
  readonly install?: typeof install;
}

/** The command. Answers its exit code; what keeps it from its work is said on `complain`, with what mends it. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const given = readArguments(args);
    if (given.help) terminal.say(usage);
    else if (given.version) terminal.say(ownVersion());
    else await make(await decide(given, terminal), terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof CreateRefusal)) throw error;
    terminal.complain(`create-kora: ${error.message} (${error.code})`);
    if (error.fix !== undefined) terminal.complain(`  ${error.fix}`);
    return error.exit;
  }
}

async function make(decided: Decided, terminal: Terminal): Promise<void> {
  const { kind, folder, name } = decided;
  const files = createProject(decided);
  const what = kind === 'host' ? 'host project' : 'plugin';
  terminal.say(`${what} ${name} in ${folder}`);
  for (const file of files) terminal.say(`  ${file}`);
  if (decided.install) await (terminal.install ?? install)(decided);
  terminal.say('');
  for (const line of next(decided, terminal.cwd)) terminal.say(line);
}

/** What to type now, each line as it stands. */
function next({ kind, folder, manager, install: installed }: Decided, cwd: string): readonly string[] {
  const way = relative(cwd, folder);
  return [
    ...(way === '' ? [] : [`  cd ${way}`]),
    ...(installed ? [] : [`  ${manager} install`]),
    ...(kind === 'host'
      ? [`  ${manager} start     # Kora, in this terminal; Ctrl-C stops it in order`]
      : [
          `  ${manager} test      # types, and the plugin against the testkit`,
          `  ${manager} start     # runs it on every save, with no server, key or database`,
        ]),
  ];
}

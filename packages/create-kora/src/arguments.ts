import { parseArgs } from 'node:util';
import { managers } from './manager.ts';
import type { Manager } from './manager.ts';
import { CreateRefusal } from './refusal.ts';

/** A host project runs Kora; a plugin project is published for host projects to install. */
export type Kind = 'host' | 'plugin';

/** What was typed; undefined is what is still to be asked or decided. */
export interface Given {
  readonly help: boolean;
  readonly version: boolean;
  readonly folder: string | undefined;
  readonly kind: Kind | undefined;
  readonly id: string | undefined;
  readonly manager: Manager | undefined;
  readonly install: boolean | undefined;
  /** Ask nothing: every open question has its default. */
  readonly yes: boolean;
}

export const usage = `npm create kora [FOLDER] [-- OPTIONS]

  FOLDER             where it goes; must be empty or new. Default: this folder if it is empty
  --plugin           a plugin to publish, instead of a host project that runs Kora
  --id ID            the plugin's id; default: from the folder's name
  --manager NAME     npm, pnpm or yarn; default: the one this was started with
  --no-install       write the files only
  --yes              ask nothing
  --version, --help`;

/** Reads a command line. Throws CREATE_KORA_USAGE. */
export function readArguments(args: readonly string[]): Given {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw wrong(`one folder, not ${positionals.length}`);
  const { manager } = values;
  if (manager !== undefined && !isManager(manager))
    throw wrong(`--manager takes ${managers.join(', ')}, not ${manager}`);
  return {
    help: values.help === true,
    version: values.version === true,
    folder: positionals[0],
    kind: values.plugin === true ? 'plugin' : undefined,
    id: values.id,
    manager,
    install: values.install,
    yes: values.yes === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        plugin: { type: 'boolean' },
        id: { type: 'string' },
        manager: { type: 'string' },
        install: { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function isManager(name: string): name is Manager {
  return managers.some((manager) => manager === name);
}

function wrong(message: string, cause?: unknown): CreateRefusal {
  return new CreateRefusal('CREATE_KORA_USAGE', message, { fix: 'npm create kora -- --help', cause });
}

import { resolve } from 'node:path';
import type { Given, Kind } from './arguments.ts';
import { inTheWay } from './folder.ts';
import { managerOf } from './manager.ts';
import type { Manager } from './manager.ts';
import { idFrom, idProblem, nameFrom, packageOf } from './name.ts';
import type { Questions } from './questions.ts';
import { CreateRefusal } from './refusal.ts';

/** Everything that is decided before a file is written. */
export interface Plan {
  readonly kind: Kind;
  /** Absolute. */
  readonly folder: string;
  /** Of the package. */
  readonly name: string;
  /** Of the plugin; of a host project it is its name. */
  readonly id: string;
  readonly manager: Manager;
}

export interface Decided extends Plan {
  readonly install: boolean;
}

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined where nobody can be asked. */
  readonly questions: Questions | undefined;
}

/**
 * Fills what was not typed: by asking, or by its default where nobody is asked. Throws CREATE_KORA_NAME,
 * CREATE_KORA_CANCELLED.
 */
export async function decide(given: Given, { cwd, env, questions }: Place): Promise<Decided> {
  const ask = given.yes ? undefined : questions;
  const kind = given.kind ?? (await ask?.kind()) ?? 'host';
  const usual = usualFolder(kind, cwd);
  const folder = resolve(cwd, given.folder ?? (await ask?.folder(usual)) ?? usual);
  const manager = given.manager ?? managerOf(env);
  if (kind === 'host') {
    const name = nameFrom(folder, 'my-kora');
    return { kind, folder, name, id: name, manager, install: await wantsInstall() };
  }
  const proposed = idFrom(folder);
  const id = given.id ?? (await ask?.id(proposed, idProblem)) ?? proposed;
  const problem = idProblem(id);
  if (problem !== undefined)
    throw new CreateRefusal('CREATE_KORA_NAME', problem, {
      fix: 'npm create kora FOLDER -- --plugin --id ID',
    });
  return { kind, folder, name: packageOf(id), id, manager, install: await wantsInstall() };

  async function wantsInstall(): Promise<boolean> {
    return given.install ?? (await ask?.install(manager)) ?? true;
  }
}

/** An empty folder was made for this; a project of its own beside other things is not to be spread among them. */
function usualFolder(kind: Kind, cwd: string): string {
  if (inTheWay(cwd).length === 0) return '.';
  return kind === 'host' ? 'my-kora' : packageOf('my-plugin');
}

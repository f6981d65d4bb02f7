import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigKeys } from '@kora/runtime/client';
import { readConfigurationToChange } from './configuration.ts';
import { findRunning } from './connect.ts';
import type { Context } from './context.ts';
import { problemOf, refusal } from './fault.ts';
import type { RuntimeModule } from './runtime.ts';

export type ConfigKey = ConfigKeys['keys'][number];

/** Where the configuration is read and written: through the runtime that has it in force, or in its file. */
export type ConfigSource =
  | { readonly kind: 'runtime'; readonly view: ConfigKeys }
  | { readonly kind: 'file'; readonly view: ConfigKeys; write: Write };

type Write = (
  changes: Parameters<RuntimeModule['configureHome']>[1],
) => ReturnType<RuntimeModule['configureHome']>;

/** The running runtime's; with none running, or with `--config`, the file's. */
export async function configSource(context: Context): Promise<ConfigSource> {
  const { host, input } = context;
  const home = await context.home();
  const named = input.text('config') !== undefined;
  if (!named && (await findRunning(host, home)) !== undefined) {
    try {
      return { kind: 'runtime', view: await (await context.client()).configuration() };
    } catch (error) {
      if (problemOf(error, (await host.runtime.basics()).faultTable).type !== 'unreachable') throw error;
    }
  }
  const { module } = await host.runtime.composing(host.cwd);
  const options = { configuration: await readConfigurationToChange(context), home };
  const view = await module.configurationOfHome(options);
  if (!named) await noteCode(context, [module.findHostProject(host.cwd)?.directory, home]);
  return { kind: 'file', view, write: (changes) => module.configureHome(options, changes) };
}

/** A configuration in code that lies there is not what holds, whoever may think so. */
async function noteCode({ out }: Context, folders: readonly (string | undefined)[]): Promise<void> {
  for (const folder of folders) {
    const file = folder === undefined ? undefined : join(folder, 'kora.config.ts');
    const isThere =
      file !== undefined &&
      (await access(file).then(
        () => true,
        () => false,
      ));
    if (isThere) out.note(out.aside.warn(`${file} is not read: the configuration is kora.json`));
  }
}

/** Throws KORA_CONFIG_UNKNOWN_KEY for a key that there is not. */
export function rowOf({ keys }: ConfigKeys, key: string): ConfigKey {
  const row = keys.find((each) => each.key === key);
  if (row !== undefined) return row;
  const under = keys.filter((each) => each.key.startsWith(`${key}.`)).map((each) => each.key);
  const hint = under.length === 0 ? '' : `; under it are ${under.join(', ')}`;
  const first = key.split('.', 1)[0] ?? key;
  const part = keys.some((each) => each.key.startsWith(`${first}.`)) ? ` ${first}` : '';
  throw refusal('KORA_CONFIG_UNKNOWN_KEY', `there is no key ${key}${hint}`, `kora config get${part}`);
}

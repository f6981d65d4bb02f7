import type { LoadedConfiguration } from './load.ts';
import { readSecret } from './load.ts';

export interface SaidSecret {
  readonly value: string;
  readonly origin: 'variable' | 'file';
}

/**
 * What the operator said in a variable, or in the file that the variable with `_FILE` names; undefined when in neither.
 * The file is read each time, so that a secret which is rotated there is the new one. Throws KORA_CONFIG_UNREADABLE, and
 * KORA_CONFIG_INVALID for an empty file.
 */
export async function readPluginSecret(
  { pluginSecrets }: Pick<LoadedConfiguration, 'pluginSecrets'>,
  variable: string,
): Promise<SaidSecret | undefined> {
  const said = pluginSecrets[variable];
  if (said !== undefined) return { value: said, origin: 'variable' };
  const file = pluginSecrets[`${variable}_FILE`];
  return file === undefined ? undefined : { value: await readSecret(file), origin: 'file' };
}

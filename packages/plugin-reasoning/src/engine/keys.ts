import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import { keyNames } from '../config.ts';
import type { KeyName } from '../config.ts';

/** The secrets that the operator has said. One that cannot be read now counts as not said: it is asked for again. */
export async function keysOf({
  secret,
  log,
}: Pick<PluginContext<unknown>, 'secret' | 'log'>): Promise<ReadonlySet<KeyName>> {
  const keys = new Set<KeyName>();
  for (const name of keyNames) {
    try {
      if ((await secret(name)) !== undefined) keys.add(name);
    } catch (error) {
      log.warn(`the secret ${name} cannot be read`, { error: messageOf(error) });
    }
  }
  return keys;
}

import { isDeepStrictEqual } from 'node:util';
import type { LoadedConfiguration } from './load.ts';
import { deepFreeze } from './load.ts';
import type { Configuration } from './schema.ts';
import { valueAt } from './tree.ts';

export type ConfigurationClass = 'hot' | 'restart-daemon' | 'restart-process';

/** What is read each time it is used. A part that ends with a point is all below it. */
const hot: readonly string[] = [
  'alerts.thresholds.',
  'alerts.cooldownSeconds',
  'alerts.receiptSeconds',
  'alerts.burst',
  'alerts.settleSeconds',
  'alerts.escalation.',
  'alerts.routes.',
  'alerts.digestHour',
  'messages.channels',
  'tools.',
  'reason.keepDays',
  'tasks.',
  'tickets.keepDays',
  'inbound.keepDays',
  'log.level',
];

/** What must be started anew before another value of the key is in force: nothing, its plugin, or the runtime. */
export function classOf(key: string): ConfigurationClass {
  if (key === 'plugins.config' || key.startsWith('plugins.config.')) return 'restart-daemon';
  const isHot = hot.some((each) => (each.endsWith('.') ? key.startsWith(each) : key === each));
  return isHot ? 'hot' : 'restart-process';
}

/** Whether a flag or a variable says the key, so that the file does not count. */
export function isOverruled(key: string, { origins }: Pick<LoadedConfiguration, 'origins'>): boolean {
  const said = Object.entries(origins).filter(([each]) => each === key || each.startsWith(`${key}.`));
  return said.some(([, origin]) => origin !== 'file');
}

/**
 * Takes over from the file what is hot, in place: whoever asks from now on reads the new value. A key that a flag or a
 * variable says stays as it is. Answers the keys whose value became another.
 */
export function takeHot(
  loaded: LoadedConfiguration,
  file: Configuration,
  keys: readonly { readonly key: string; readonly isSaid: boolean }[],
): string[] {
  const taken = keys.filter(({ key }) => classOf(key) === 'hot' && !isOverruled(key, loaded));
  const config: unknown = structuredClone(loaded.config);
  const origins = { ...loaded.origins };
  for (const { key, isSaid } of taken) {
    put(config, key.split('.'), valueAt(file, key));
    for (const each of Object.keys(origins))
      if (each === key || each.startsWith(`${key}.`)) delete origins[each];
    if (isSaid) origins[key] = 'file';
  }
  const changed = taken.filter(
    ({ key }) => !isDeepStrictEqual(valueAt(file, key), valueAt(loaded.config, key)),
  );
  Object.assign(loaded, { config: deepFreeze(config), origins });
  return changed.map(({ key }) => key);
}

function put(tree: unknown, [step, ...rest]: readonly string[], value: unknown): void {
  if (typeof tree !== 'object' || tree === null || step === undefined) return;
  if (rest.length > 0) put(Reflect.get(tree, step), rest, value);
  else if (value === undefined) Reflect.deleteProperty(tree, step);
  else Reflect.set(tree, step, value);
}

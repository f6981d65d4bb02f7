import type { configKeysSchema } from '@kora/runtime/client';
import type { z } from 'zod';

export type ConfigKey = z.infer<typeof configKeysSchema>['keys'][number];

/** A key by its first word: the part of the configuration it belongs to. */
export function partOf(key: string): string {
  return key.split('.', 1)[0] ?? key;
}

/** The parts that there are, in the order in which the runtime tells them. */
export function partsOf(keys: readonly ConfigKey[]): readonly string[] {
  return [...new Set(keys.map(({ key }) => partOf(key)))];
}

/** Whether somebody said it, and it is not simply as it comes. */
export function isSaid({ origin }: Pick<ConfigKey, 'origin'>): boolean {
  return origin !== 'default';
}

/**
 * A value in one line. A secret says only whether it is set, whatever stands in the answer; nothing said and nothing
 * usual is `not set`.
 */
export function valueText({ value, hidden, set }: Pick<ConfigKey, 'value' | 'hidden' | 'set'>): string {
  if (hidden) return set === undefined ? 'unknown' : set ? 'set' : 'not set';
  return plainValue(value);
}

/** A value that may be shown, as it would stand in the file; a text without its quotes. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set');
}

/** The plugin whose block a key is; null of the runtime's own. */
export function pluginOf(key: string): string | null {
  return /^plugins\.config\.([^.]+)/.exec(key)?.[1] ?? null;
}

/** What must be done before a change holds. */
export function changeWords(kind: ConfigKey['class']): string {
  if (kind === null) return 'unknown';
  const words = {
    hot: 'at once',
    'restart-daemon': 'when its daemon restarts',
    'restart-process': 'at the next start',
  };
  return words[kind];
}

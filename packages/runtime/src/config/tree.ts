import type { Configuration } from './schema.ts';

/** What the configuration has at a dotted path. */
export function valueAt(config: Configuration, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (isRecord(at) ? Reflect.get(at, key) : undefined), config);
}

/** Objects are merged key by key, everything else is replaced; what should be an object and is not, is for the schema. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(over)) return over ?? base;
  if (!isRecord(base)) return base;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value;
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The dotted paths of everything that a tree says: objects are gone through, lists and what is empty are said whole. */
export function keysOf(tree: unknown, path = ''): string[] {
  if (!isRecord(tree) || (path !== '' && Object.keys(tree).length === 0)) return path === '' ? [] : [path];
  return Object.entries(tree).flatMap(([key, value]) => keysOf(value, path === '' ? key : `${path}.${key}`));
}

/** What a file says at a key; undefined where it says nothing. */
export function saidAt(said: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (at, step) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
      said,
    );
}

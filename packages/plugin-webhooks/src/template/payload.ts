import type { Said } from './path.ts';
import { headersIn, templateOf, valueOf } from './template.ts';

/** A JSON value of the configuration in which each text is a template, filled in. Throws Missing. */
export function filled(value: unknown, said: Said): unknown {
  if (typeof value === 'string') return valueOf(templateOf(value), said);
  if (Array.isArray(value)) return value.map((each) => filled(each, said));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, said)]));
}

/** Something in the configuration that is no template, and where. */
export interface Trouble {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Looks over every text of a JSON value: whether it is a template, and names only headers that are kept. */
export function troublesIn(
  value: unknown,
  kept: ReadonlySet<string>,
  path: readonly (string | number)[] = [],
): Trouble[] {
  if (typeof value === 'string') return troubleIn(value, kept, path);
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? (value as readonly unknown[]).map((each, at): [number, unknown] => [at, each])
    : Object.entries(value as Readonly<Record<string, unknown>>);
  return entries.flatMap(([key, each]) => troublesIn(each, kept, [...path, key]));
}

function troubleIn(text: string, kept: ReadonlySet<string>, path: readonly (string | number)[]): Trouble[] {
  try {
    return headersIn(templateOf(text))
      .filter((name) => !kept.has(name))
      .map((name) => ({ path, message: `the header ${name} is not kept: name it in "headers"` }));
  } catch (error) {
    return [{ path, message: error instanceof Error ? error.message : String(error) }];
  }
}

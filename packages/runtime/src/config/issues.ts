import { z } from 'zod';
import { configSchema } from './schema.ts';

/** What is wrong at one place of the configuration. */
export interface ConfigIssue {
  /** `http.port`. */
  readonly path: string;
  readonly message: string;
}

/** All issues of a parse at once, each with its path; an unknown key names the nearest known one. */
export function issuesOf(error: z.ZodError): ConfigIssue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.'),
      message: `unknown key${hint(key, knownKeys(issue.path))}`,
    }));
  });
}

function hint(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  if (nearest !== undefined && nearest.distance <= Math.max(2, key.length / 2))
    return `; did you mean "${nearest.name}"?`;
  return `; known here: ${known.join(', ')}`;
}

/** What a key that is not there may have been meant to be, to stand behind its name. */
export function nearestKey(key: string): string {
  const path = key.split('.');
  const at = path.findIndex((step, place) => !knownKeys(path.slice(0, place)).includes(step));
  const known = knownKeys(path.slice(0, Math.max(0, at)));
  return at === -1 || known.length === 0 ? '' : hint(path[at] ?? '', known);
}

/** The keys that the schema has at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = z.toJSONSchema(configSchema, { io: 'input' });
  for (const step of path) node = property(property(node, 'properties'), step);
  const properties = property(node, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** Levenshtein's: how many single letters differ. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

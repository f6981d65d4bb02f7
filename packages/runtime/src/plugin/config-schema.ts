import { messageOf } from '../fault/index.ts';
import { preciseIssues } from './config-issues.ts';
import { isPlainObject, rebuildSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { insidePackage, parseJson, readText } from './locate.ts';
import type { IndexRow } from './plugin-index.ts';

/** A plugin's configuration schema, found without running its code; or why there is none to be had. */
export type FoundSchema =
  | { readonly kind: 'schema'; readonly schema: JsonSchema }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** The schema that the manifest names in `configSchema`, from its file in the package. Never throws. */
export async function manifestSchema(
  row: Pick<IndexRow, 'id' | 'directory' | 'manifest'>,
): Promise<FoundSchema> {
  const path = row.manifest?.configSchema;
  if (path === undefined) return { kind: 'none' };
  const unreadable = (why: string): FoundSchema => ({
    kind: 'unreadable',
    problem: `kora.configSchema ${path} of plugin ${row.id} ${why}`,
  });
  const found = await insidePackage(row.directory, path);
  if (typeof found === 'string')
    return unreadable(found === 'missing' ? 'does not exist' : 'leads out of the package');
  const schema = parseJson((await readText(found.file)) ?? '');
  if (!isPlainObject(schema)) return unreadable('is not a JSON object');
  try {
    rebuildSchema('it', schema);
    return { kind: 'schema', schema };
  } catch (error) {
    return unreadable(messageOf(error).replace(/^it /, ''));
  }
}

export interface ConfigProblem {
  /** Dotted, from the top of kora.json. */
  readonly path: string;
  readonly message: string;
}

/**
 * What of a block does not fit its schema; an absent block is an empty one. Regular expressions of the schema are the
 * plugin's own to try, when it loads.
 */
export function configProblems(id: string, schema: JsonSchema, block: unknown): ConfigProblem[] {
  const parsed = rebuildSchema(`the configuration schema of ${id}`, schema).safeParse(block ?? {});
  if (parsed.success) return [];
  return preciseIssues(parsed.error.issues).map(({ path, message }) => ({
    path: ['plugins.config', id, ...path.map(String)].join('.'),
    message,
  }));
}

import { z } from 'zod';
import { fault } from '../fault/index.ts';

const largestSchema = 64 * 1024;
/** Keywords whose value is data, or names: nothing in it is a schema. */
const data = new Set(['enum', 'const', 'default', 'examples', 'required', 'title', 'description']);
/** A stranger's expression run in our process could keep it busy for good; the guest has tried it in its own. */
const expressions = new Set(['pattern', 'patternProperties']);
const references = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A zod schema rebuilt from a stranger's JSON Schema. What could cost more than its own size to evaluate stays out:
 * regular expressions are dropped, references (a schema that holds itself) are refused. `what` begins each refusal.
 * Throws KORA_PLUGIN_INVALID.
 */
export function rebuildSchema(what: string, schema: JsonSchema): z.ZodType {
  if (JSON.stringify(schema).length > largestSchema) {
    throw malformed(what, `is larger than ${largestSchema} characters`);
  }
  const plain = sanitised(what, schema);
  try {
    return z.fromJSONSchema(plain);
  } catch (error) {
    throw malformed(what, 'cannot be read as JSON Schema', error);
  }
}

/** Whether `rebuildSchema` takes it. */
export function isRebuildable(schema: JsonSchema): boolean {
  try {
    rebuildSchema('it', schema);
    return true;
  } catch {
    return false; // its name in a refusal helps nobody here
  }
}

/** What a zod schema takes, as JSON Schema; undefined where it takes what no JSON Schema can say. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema | undefined {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  } catch {
    return undefined; // a schema that holds itself
  }
}

type Schema = Parameters<typeof z.fromJSONSchema>[0];

function sanitised(what: string, schema: unknown): Schema {
  if (typeof schema === 'boolean') return schema;
  if (!isPlainObject(schema)) throw malformed(what, 'is no schema');
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (references.has(keyword)) throw malformed(what, 'refers to itself or elsewhere; write it flat');
    if (expressions.has(keyword)) continue;
    kept[keyword] = data.has(keyword) ? value : insideOf(what, keyword, value);
  }
  return kept;
}

/** Under `properties` the keys are the object's own names, not keywords. */
function insideOf(what: string, keyword: string, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((each) => (isPlainObject(each) ? sanitised(what, each) : (each as unknown)));
  if (!isPlainObject(value)) return value;
  if (keyword !== 'properties') return sanitised(what, value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sanitised(what, inner)]));
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string, why: string, cause?: unknown): Error {
  return fault('KORA_PLUGIN_INVALID', `${what} ${why}`, { cause });
}

import { z } from 'zod';
import { fault } from '../../fault/index.ts';

const largestSchema = 64 * 1024;
/** Keywords whose value is data, or names: nothing in it is a schema. */
const data = new Set(['enum', 'const', 'default', 'examples', 'required', 'title', 'description']);
/** A stranger's expression run in our process could keep it busy for good; the guest has tried it in its own. */
const expressions = new Set(['pattern', 'patternProperties']);
const references = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/**
 * The payload schema of a guest's event type, rebuilt from JSON Schema, with the class that each field was given there
 * (`sensitivity`). What could cost more than its own size to
 * evaluate stays out: regular expressions are dropped, references (a payload that holds itself) are refused.
 */
export function payloadSchema(type: string, schema: Readonly<Record<string, unknown>>): z.ZodType<object> {
  if (JSON.stringify(schema).length > largestSchema) {
    throw malformed(type, `is larger than ${largestSchema} characters`);
  }
  const plain = sanitised(type, schema);
  let rebuilt: z.ZodType;
  try {
    rebuilt = z.fromJSONSchema(plain);
  } catch (error) {
    throw malformed(type, 'cannot be read as JSON Schema', error);
  }
  return rebuilt.pipe(z.custom<object>(isPlainObject, 'a payload is an object'));
}

type Schema = Parameters<typeof z.fromJSONSchema>[0];

function sanitised(type: string, schema: unknown): Schema {
  if (typeof schema === 'boolean') return schema;
  if (!isPlainObject(schema)) throw malformed(type, 'is no schema');
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (references.has(keyword))
      throw malformed(type, 'refers to itself or elsewhere; write such a payload flat');
    if (expressions.has(keyword)) continue;
    kept[keyword] = data.has(keyword) ? value : insideOf(type, keyword, value);
  }
  return kept;
}

/** Under `properties` the keys are the payload's own names, not keywords. */
function insideOf(type: string, keyword: string, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((each) => (isPlainObject(each) ? sanitised(type, each) : (each as unknown)));
  if (!isPlainObject(value)) return value;
  if (keyword !== 'properties') return sanitised(type, value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sanitised(type, inner)]));
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(type: string, why: string, cause?: unknown): Error {
  return fault('KORA_PLUGIN_INVALID', `the payload schema of ${type} ${why}`, { cause });
}

import { z } from 'zod';
import { isPlainObject, rebuildSchema } from '../json-schema.ts';

/**
 * The payload schema of a guest's event type, rebuilt from JSON Schema, with the class that each field was given there
 * (`sensitivity`). Throws KORA_PLUGIN_INVALID.
 */
export function payloadSchema(type: string, schema: Readonly<Record<string, unknown>>): z.ZodType<object> {
  const rebuilt = rebuildSchema(`the payload schema of ${type}`, schema);
  return rebuilt.pipe(z.custom<object>(isPlainObject, 'a payload is an object'));
}

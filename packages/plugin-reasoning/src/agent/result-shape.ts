import { KoraError } from '@kora/runtime/plugin';
import { z } from 'zod';

/** What a ticket's result must look like, when its payload says so. */
export interface ResultShape {
  /** As the payload gave it, for whoever thinks to read. */
  readonly schema: unknown;
  /** Undefined when the result fits, else what is wrong with it. */
  problemWith(result: unknown): string | undefined;
}

const payloadKey = 'resultSchema';
const largestSchema = 16_384;
/** A pattern out of a payload could take the process's time for as long as it likes. */
const refusedKeys: ReadonlySet<string> = new Set(['pattern', 'patternProperties', '$ref', '$dynamicRef']);

/**
 * The JSON Schema under `resultSchema` of a payload; null when there is none. Throws PLUGIN_REASONING_RESULT_SCHEMA for
 * what is no schema that can be checked here.
 */
export function resultShapeOf(payload: Readonly<Record<string, unknown>>): ResultShape | null {
  const schema = payload[payloadKey];
  if (schema === undefined) return null;
  const text = JSON.stringify(schema);
  if (text.length > largestSchema) throw invalid(`it is longer than ${largestSchema} characters`);
  const refused = keysOf(schema).find((key) => refusedKeys.has(key));
  if (refused !== undefined) throw invalid(`"${refused}" is not taken here`);
  let type: z.ZodType;
  try {
    type = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  return {
    schema,
    problemWith: (result) => {
      const read = type.safeParse(result);
      return read.success ? undefined : z.prettifyError(read.error);
    },
  };
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysOf);
  return Object.entries(value).flatMap(([key, within]) => [key, ...keysOf(within)]);
}

function invalid(why: string): KoraError {
  return new KoraError('PLUGIN_REASONING_RESULT_SCHEMA', `resultSchema of the payload: ${why}`);
}

import { createHash } from 'node:crypto';
import { canonicalJson } from '../../chain/index.ts';

type Schema = Readonly<Record<string, unknown>>;

const mostListed = 20;
const deepest = 4;

/** Of a tool and its input: what tells one call from another. */
export function callHash(tool: string, input: unknown): string {
  return createHash('sha256').update(canonicalJson({ tool, input })).digest('hex');
}

/** Of the input alone, for the door. */
export function argumentsHash(input: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(input ?? null))
    .digest('hex');
}

/** The input as it may be kept with a run: what its schema marks as secret is taken out, however deep it says so. */
export function recordable(schema: Schema, input: unknown): unknown {
  if (schema['sensitivity'] === 'secret') return secret;
  // What should have been an object, and came as text, may have anything in it.
  if (schema['type'] === 'object' && typeof input === 'string' && isMarked(schema)) return secret;
  const ways = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => schemasIn(schema[key]));
  const kept = ways.reduce((rest: unknown, way) => recordable(way, rest), input);
  if (Array.isArray(kept)) {
    const [first, items] = [schemasIn(schema['prefixItems']), schema['items']];
    return kept.map((each, at) => recordedBy(first[at] ?? items, each));
  }
  if (typeof kept !== 'object' || kept === null) return kept;
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [
      name,
      recordedBy(Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'], value),
    ]),
  );
}

/** Whether it marks anything as secret. */
export function isMarked(schema: Schema): boolean {
  return JSON.stringify(schema).includes('"sensitivity":"secret"');
}

const secret = '[secret]';

function recordedBy(schema: unknown, value: unknown): unknown {
  return isSchema(schema) ? recordable(schema, value) : value;
}

function schemasIn(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** What an input looks like, without what it says: for the event log, which keeps no arguments. */
export function outline(input: unknown, depth = 0): unknown {
  if (typeof input === 'string') return `text of ${input.length}`;
  if (typeof input !== 'object' || input === null) return typeof input === 'number' ? 'a number' : input;
  if (Array.isArray(input)) return `list of ${input.length}`;
  const names = Object.entries(input);
  if (depth >= deepest) return `object of ${names.length}`;
  return Object.fromEntries(
    names.slice(0, mostListed).map(([name, value]) => [name.slice(0, 64), outline(value, depth + 1)]),
  );
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

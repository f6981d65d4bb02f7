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

/** The input as it may be kept with a run: what its schema marks as secret is taken out. */
export function recordable(schema: Schema, input: unknown): unknown {
  if (schema['sensitivity'] === 'secret') return '[secret]';
  if (Array.isArray(input)) {
    const items = schema['items'];
    return isSchema(items) ? input.map((each) => recordable(items, each)) : input;
  }
  if (typeof input !== 'object' || input === null) return input;
  const properties = schema['properties'];
  if (!isSchema(properties)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      const inner = properties[name];
      return [name, isSchema(inner) ? recordable(inner, value) : value];
    }),
  );
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

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** What may stand at one key, as a form or a command line can ask for it. */
export interface KeyShape {
  /** `lines`: a list of texts; `json`: a list or table of more than that. */
  readonly kind: 'boolean' | 'number' | 'text' | 'choice' | 'lines' | 'json';
  /** `s`, `min`, `days`, `USD`; null where a number counts things, or it is no number. */
  readonly unit: string | null;
  /** Of a choice; null of anything else. */
  readonly choices: readonly string[] | null;
  /** Bounds of a number, or of how many there are in a list; null where there is none. */
  readonly min: number | null;
  readonly max: number | null;
  readonly integer: boolean;
  /** Of a text, or of each in a list. */
  readonly pattern: string | null;
}

/** By the end of the key: what its figure is counted in. */
const units: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'ms'],
  [/(?:S|\.s)econds$/, 's'],
  [/Minutes$/, 'min'],
  [/Days$/, 'days'],
  [/Hour$/, 'o’clock UTC'],
  [/Usd$/, 'USD'],
  [/Mb$/, 'MB'],
  [/perMinute$/, 'a minute'],
  [/PerHour$/, 'an hour'],
];

type Node = Readonly<Record<string, unknown>>;

/** The shape of a leaf of the schema; undefined where there is none. */
export function shapeOf(key: string): KeyShape | undefined {
  const node = nodeAt(key);
  if (node === undefined) return undefined;
  const kind = kindOf(node);
  const items = isNode(node['items']) ? node['items'] : {};
  const numbers = kind === 'number' ? ['minimum', 'maximum'] : ['minItems', 'maxItems'];
  const [min, max] = numbers.map((name) => numberIn(node, name));
  const pattern = kind === 'lines' ? items['pattern'] : node['pattern'];
  return {
    kind,
    unit: kind === 'number' ? (units.find(([end]) => end.test(key))?.[1] ?? null) : null,
    choices: kind === 'choice' ? choicesOf(node) : null,
    min: min ?? null,
    max: max ?? null,
    integer: node['type'] === 'integer',
    pattern: typeof pattern === 'string' ? pattern : null,
  };
}

let whole: Node | undefined;

function nodeAt(key: string): Node | undefined {
  whole ??= z.toJSONSchema(configSchema, { io: 'input' });
  return key.split('.').reduce<Node | undefined>((node, step) => {
    const properties = node?.['properties'];
    const next = isNode(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
    return isNode(next) ? next : undefined;
  }, whole);
}

function kindOf(node: Node): KeyShape['kind'] {
  const { type, items } = node as { readonly type?: unknown; readonly items?: unknown };
  if (choicesOf(node).length > 0) return 'choice';
  if (type === 'boolean') return 'boolean';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'string') return 'text';
  return type === 'array' && isNode(items) && items['type'] === 'string' ? 'lines' : 'json';
}

function choicesOf(node: Node): readonly string[] {
  const { enum: choices } = node as { readonly enum?: unknown };
  return Array.isArray(choices) ? choices.map(String) : [];
}

function numberIn(node: Node, name: string): number | undefined {
  const value = node[name];
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { sensitivities } from './contract.ts';
import type { EventType, Sensitivity } from './contract.ts';

/** What a payload's JSON Schema says, as far as this file asks it. */
interface Node {
  readonly sensitivity?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node | readonly Node[];
  readonly prefixItems?: readonly Node[];
  readonly additionalProperties?: Node | boolean;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
  readonly $ref?: string;
}

/** One field of a payload, for docs/events.md. */
export interface PayloadField {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly sensitivity: Sensitivity;
}

export const secretMark = '[secret]';

/** The classes of a payload's fields, read once from its schema, so that no event pays for it. */
export class PayloadShape {
  readonly fields: readonly PayloadField[];
  /** Fields whose class nobody gave. */
  readonly unclassified: readonly string[];
  readonly #type: string;
  readonly #root: Node;
  readonly #holdsSecret: boolean;

  /** Throws KORA_EVENT_INVALID for a class that is none, and for a secret field that is not text. */
  constructor({ type, payload }: EventType) {
    this.#type = type;
    // What goes in, since a schema may be a pipe whose end says nothing; what no schema can say is taken for anything.
    this.#root = z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any', cycles: 'ref' }) as Node;
    const { properties = {}, required = [] } = this.#root;
    const named = Object.entries(properties).map(([name, node]) => ({
      name,
      node,
      given: this.#classOf(node),
    }));
    this.unclassified = named.filter(({ given }) => given === undefined).map(({ name }) => name);
    this.fields = named.map(({ name, node, given }) => ({
      name,
      type: typeName(node),
      optional: !required.includes(name),
      sensitivity: given ?? 'internal',
    }));
    this.#holdsSecret = this.#check(this.#root, new Set());
  }

  /** The payload with `[secret]` wherever a secret field has a value. */
  withoutSecrets(payload: object): object {
    return this.#holdsSecret ? (this.#conceal(payload, this.#root) as object) : payload;
  }

  /** The payload's public fields; a field that the schema does not know is not among them. */
  publicPart(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const shown = this.fields.filter(({ name, sensitivity }) => sensitivity === 'public' && name in payload);
    return Object.fromEntries(
      shown.map(({ name }) => [name, this.#open(payload[name], this.#root.properties?.[name] ?? {})]),
    );
  }

  /** True when a secret lies at or under the node. */
  #check(node: Node, seen: Set<Node>): boolean {
    if (seen.has(node)) return false;
    seen.add(node);
    const { sensitivity } = node;
    if (sensitivity !== undefined && !sensitivities.some((known) => known === sensitivity)) {
      throw this.#invalid(
        `a field's sensitivity is ${sensitivities.join(', ')}, not ${JSON.stringify(sensitivity)}`,
      );
    }
    if (sensitivity === 'secret' && !acceptsText(node)) {
      throw this.#invalid('a secret field is plain text: what is stored in its place is a text');
    }
    const under = this.#children(node).map((child) => this.#check(child, seen));
    return sensitivity === 'secret' || under.includes(true);
  }

  #classOf(node: Node): Sensitivity | undefined {
    const own = sensitivities.find((known) => known === node.sensitivity);
    if (own !== undefined) return own;
    // `field.nullable()` keeps the class inside its first variant; of several classes the strictest counts.
    const classes = variantsOf(this.#resolve(node)).map((variant) => this.#classOf(variant));
    return [...sensitivities].reverse().find((known) => classes.includes(known));
  }

  #conceal(value: unknown, given: Node): unknown {
    if (value === null || value === undefined) return value;
    if (given.sensitivity === 'secret') return secretMark;
    const node = this.#resolve(given);
    if (node.sensitivity === 'secret') return secretMark;
    const concealed = variantsOf(node).reduce<unknown>(
      (kept, variant) => this.#conceal(kept, variant),
      value,
    );
    return mapChildren(concealed, node, (item, child) => this.#conceal(item, child));
  }

  /** Of a public value, without what is classed otherwise further down. */
  #open(value: unknown, given: Node): unknown {
    const node = this.#resolve(given);
    const closed = variantsOf(node).reduce<unknown>((kept, variant) => this.#open(kept, variant), value);
    return mapChildren(closed, node, (item, child) => {
      const { sensitivity = 'public' } = child;
      return sensitivity === 'public' ? this.#open(item, child) : undefined;
    });
  }

  #children(node: Node): readonly Node[] {
    const { properties = {}, items = [], prefixItems = [], additionalProperties } = node;
    const rest = typeof additionalProperties === 'object' ? [additionalProperties] : [];
    const resolved = this.#resolve(node);
    return [
      ...Object.values(properties),
      ...[items].flat(),
      ...prefixItems,
      ...rest,
      ...variantsOf(node),
      ...(resolved === node ? [] : [resolved]),
    ];
  }

  /** `#` and `#/$defs/name` are what the conversion writes for a payload that holds itself. */
  #resolve(node: Node): Node {
    if (node.$ref === undefined) return node;
    const path = node.$ref.split('/').slice(1);
    const found = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      this.#root,
    );
    return found ?? {};
  }

  #invalid(why: string): Error {
    return fault('KORA_EVENT_INVALID', `event type ${this.#type}: ${why}`);
  }
}

function variantsOf({ anyOf = [], oneOf = [], allOf = [] }: Node): readonly Node[] {
  return [...anyOf, ...oneOf, ...allOf];
}

/** An object or array with each part replaced; `undefined` leaves a key out. */
function mapChildren(value: unknown, node: Node, replace: (item: unknown, child: Node) => unknown): unknown {
  if (Array.isArray(value)) {
    const { prefixItems = [], items } = node;
    const rest = Array.isArray(items) ? {} : ((items ?? {}) as Node);
    return value.map((item: unknown, at) => replace(item, prefixItems[at] ?? rest) ?? null);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const { properties = {}, additionalProperties } = node;
  const rest = typeof additionalProperties === 'object' ? additionalProperties : {};
  const entries = Object.entries(value).map(([key, item]) => [key, replace(item, properties[key] ?? rest)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** Whether `[secret]` fits: text without a rule of its own, or anything. */
function acceptsText(node: Node): boolean {
  const variants = variantsOf(node);
  if (variants.length > 0) return variants.some(acceptsText);
  const { type, sensitivity: _own, ...rules } = node;
  const text = type === undefined ? Object.keys(rules).length === 0 : [type].flat().includes('string');
  return (
    text && ['enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'].every((rule) => !(rule in rules))
  );
}

function typeName(node: Node): string {
  const { type, items, properties } = node;
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' or ');
  const variants = variantsOf(node);
  if (variants.length > 0) return [...new Set(variants.map(typeName))].join(' or ');
  if (type === undefined) return 'anything';
  const names = [type].flat().map((name) => {
    if (name === 'array')
      return `list of ${items === undefined || Array.isArray(items) ? 'anything' : typeName(items as Node)}`;
    if (name === 'object')
      return properties === undefined || Object.keys(properties).length === 0 ? 'map' : 'object';
    return name === 'string' ? 'text' : name;
  });
  return names.join(' or ');
}

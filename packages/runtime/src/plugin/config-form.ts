import { isPlainObject } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import type { FormField } from './panel/contract.ts';

/** What stands in place of a value that its schema calls secret. */
export const hiddenValue = '[secret]';

const mostFields = 100;
const longestLabel = 120;
const longestHelp = 500;

/** One key of a plugin's configuration: its value now, and who says so. */
export interface ConfigValue {
  readonly key: string;
  /** Null where nothing is said. */
  readonly value: unknown;
  readonly origin: 'kora.json' | 'default' | 'unset';
  /** Its schema calls it secret: the value is not shown. Secrets belong into variables, see `secrets` of the manifest. */
  readonly secret: boolean;
}

/** Every key the schema knows and every key the block has, with the value in force and where it comes from. */
export function configValues(schema: JsonSchema | undefined, block: unknown): ConfigValue[] {
  const properties = propertiesOf(schema);
  const given = isPlainObject(block) ? block : {};
  const keys = [...new Set([...Object.keys(properties), ...Object.keys(given)])];
  return keys.map((key) => {
    const property = properties[key] ?? {};
    const secret = isSecret(property);
    const shown = (value: unknown): unknown => (secret ? hiddenValue : value);
    if (Object.hasOwn(given, key)) return { key, value: shown(given[key]), origin: 'kora.json', secret };
    if (Object.hasOwn(property, 'default'))
      return { key, value: shown(property['default']), origin: 'default', secret };
    return { key, value: null, origin: 'unset', secret };
  });
}

/** The configuration as a form, field by field; what has no simple field is its JSON, as text. */
export function configFields(schema: JsonSchema | undefined, block: unknown): FormField[] {
  const properties = propertiesOf(schema);
  const required = Array.isArray(schema?.['required']) ? (schema['required'] as readonly unknown[]) : [];
  return configValues(schema, block)
    .slice(0, mostFields)
    .map(({ key, value }) => {
      const property = properties[key] ?? {};
      const kind = kindOf(property, value);
      const choices = kind === 'choice' ? choicesOf(property) : undefined;
      const help = textIn(property, 'description')?.slice(0, longestHelp);
      return {
        name: key.slice(0, longestLabel),
        label: (textIn(property, 'title') ?? key).slice(0, longestLabel),
        kind,
        ...(help === undefined ? {} : { help }),
        required: required.includes(key) && !Object.hasOwn(property, 'default'),
        value: fieldValue(kind, value),
        ...(choices === undefined ? {} : { choices }),
      };
    });
}

/** A block as it comes back from a form: where a hidden value was left alone, what stood there stays. */
export function withHidden(
  schema: JsonSchema | undefined,
  block: Readonly<Record<string, unknown>>,
  before: unknown,
): Record<string, unknown> {
  const stood = isPlainObject(before) ? before : {};
  const properties = propertiesOf(schema);
  const kept = (key: string, value: unknown): boolean =>
    value === hiddenValue && isSecret(properties[key] ?? {}) && Object.hasOwn(stood, key);
  return Object.fromEntries(
    Object.entries(block).map(([key, value]) => [key, kept(key, value) ? stood[key] : value]),
  );
}

type Property = Readonly<Record<string, unknown>>;

function propertiesOf(schema: JsonSchema | undefined): Readonly<Record<string, Property>> {
  const properties = schema?.['properties'];
  if (!isPlainObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).filter((pair): pair is [string, Property] => isPlainObject(pair[1])),
  );
}

function isSecret(property: Property): boolean {
  return property['writeOnly'] === true || property['sensitivity'] === 'secret';
}

function kindOf(property: Property, value: unknown): FormField['kind'] {
  const { type, items } = property as { readonly type?: unknown; readonly items?: unknown };
  if (choicesOf(property) !== undefined) return 'choice';
  if (type === 'string' || (type === undefined && typeof value === 'string')) return 'text';
  if (type === 'number' || type === 'integer' || (type === undefined && typeof value === 'number'))
    return 'number';
  if (type === 'boolean' || (type === undefined && typeof value === 'boolean')) return 'boolean';
  return type === 'array' && isPlainObject(items) && items['type'] === 'string' ? 'lines' : 'json';
}

function choicesOf(property: Property): FormField['choices'] {
  const choices = property['enum'];
  if (!Array.isArray(choices) || choices.length === 0 || choices.length > 100) return undefined;
  if (!choices.every((each): each is string => typeof each === 'string' && each.length <= longestLabel))
    return undefined;
  return choices.map((each) => ({ value: each, label: each === '' ? '(empty)' : each }));
}

function fieldValue(kind: FormField['kind'], value: unknown): FormField['value'] {
  if (value === null || value === undefined) return null;
  if (kind === 'number') return typeof value === 'number' ? value : null;
  if (kind === 'boolean') return value === true;
  if (kind === 'lines')
    return Array.isArray(value) ? value.slice(0, 200).map((each) => String(each).slice(0, 500)) : [];
  const text = kind === 'json' || typeof value !== 'string' ? JSON.stringify(value, undefined, 2) : value;
  return text.slice(0, 20_000);
}

function textIn(property: Property, key: string): string | undefined {
  const text = property[key];
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

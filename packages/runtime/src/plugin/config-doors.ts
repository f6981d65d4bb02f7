import { isPlainObject } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

/** What a schema says of one key beyond its kind, for whoever fills it in. */
export interface KeyBounds {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly pattern?: string;
  /** What holds where nothing is filled in. */
  readonly usual?: string;
}

/**
 * Why a page may not write a key of a plugin's block; undefined where it may. What can only be switched, counted or chosen
 * can name no command, path or address. Of a text, a list or a table nobody knows that: its schema has to say `page: true`.
 */
export function blockKeyClosed(schema: JsonSchema | undefined, key: string): string | undefined {
  const property = propertyOf(schema, key);
  if (property === undefined) return 'its schema does not say what it is';
  if (property['writeOnly'] === true || property['sensitivity'] === 'secret') return 'it is a secret';
  if (property['page'] === true) return undefined;
  if (/port$/i.test(key)) return 'it says where something listens';
  const { type, enum: choices } = property as { readonly type?: unknown; readonly enum?: unknown };
  if (Array.isArray(choices) || type === 'boolean' || type === 'number' || type === 'integer')
    return undefined;
  return 'it may name a command, a file or an address';
}

export function boundsOfKey(schema: JsonSchema | undefined, key: string): KeyBounds {
  const property = propertyOf(schema, key) ?? {};
  const isList = property['type'] === 'array';
  const number = (name: string): number | undefined => {
    const value = property[name];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  };
  const min = number(isList ? 'minItems' : 'minimum');
  const max = number(isList ? 'maxItems' : 'maximum');
  const { default: usual, pattern } = property as { readonly default?: unknown; readonly pattern?: unknown };
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(property['type'] === 'integer' ? { integer: true } : {}),
    ...(typeof pattern === 'string' ? { pattern } : {}),
    ...(usual === undefined ? {} : { usual: typeof usual === 'string' ? usual : JSON.stringify(usual) }),
  };
}

function propertyOf(
  schema: JsonSchema | undefined,
  key: string,
): Readonly<Record<string, unknown>> | undefined {
  const properties = schema?.['properties'];
  if (!isPlainObject(properties) || !Object.hasOwn(properties, key)) return undefined;
  const property = properties[key];
  return isPlainObject(property) ? property : undefined;
}

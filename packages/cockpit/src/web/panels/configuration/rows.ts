import type { ConfigChange, ConfigKeys } from '@kora/runtime/client';
import { type Entered, isTouched, jsonIn } from '../../kit/form/entered.ts';
import type { FieldSpec } from '../../kit/form/field.tsx';

export type ConfigKey = ConfigKeys['keys'][number];

/** A key by its first word: the part of the configuration it belongs to. */
export function partOf(key: string): string {
  return key.split('.', 1)[0] ?? key;
}

/** The parts that there are, in the order in which the runtime tells them. */
export function partsOf(keys: readonly ConfigKey[]): readonly string[] {
  return [...new Set(keys.map(({ key }) => partOf(key)))];
}

/** Whether somebody said it, and it is not simply as it comes. */
export function isSaid({ origin }: Pick<ConfigKey, 'origin'>): boolean {
  return origin !== 'default';
}

/**
 * A value in one line. A secret says only whether it is set, whatever stands in the answer; nothing said and nothing
 * usual is `not set`.
 */
export function valueText({ value, hidden, set }: Pick<ConfigKey, 'value' | 'hidden' | 'set'>): string {
  if (hidden) return set ? 'set' : 'not set';
  return plainValue(value);
}

/** A value that may be shown, as it would stand in the file; a text without its quotes. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set');
}

/** The plugin whose block a key is; null of the runtime's own. */
export function pluginOf(key: string): string | null {
  return /^plugins\.config\.([^.]+)/.exec(key)?.[1] ?? null;
}

/** What must be done before a change holds. */
export function changeWords(kind: ConfigKey['class']): string {
  const words = {
    hot: 'at once',
    'restart-daemon': 'when its plugin is started with it',
    'restart-process': 'at the next start',
  };
  return words[kind];
}

/** What a key of the file is as a field of a form; of a block of a plugin there is none here. */
export function fieldOf(row: ConfigKey): FieldSpec {
  const { key, means, unit, min, max, integer, pattern, closed, command, hidden, usual } = row;
  const isSwitch = row.kind === 'boolean';
  const kinds = { boolean: 'choice', secret: 'text', block: 'text' } as const;
  const kind =
    row.kind === 'boolean' || row.kind === 'secret' || row.kind === 'block' ? kinds[row.kind] : row.kind;
  const choices = isSwitch ? ['true', 'false'] : (row.choices ?? []);
  return {
    name: key,
    label: key.slice(partOf(key).length + 1) || key,
    kind,
    ...(means === null ? {} : { help: means }),
    value: hidden ? valueText(row) : valueIn(row),
    ...(choices.length === 0 ? {} : { choices: choices.map((value) => ({ value, label: value })) }),
    ...(unit === null ? {} : { unit }),
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
    integer,
    ...(pattern === null ? {} : { pattern }),
    ...(usual === null ? {} : { usual: plainValue(usual) }),
    ...(closed === null ? {} : { closed: { why: closed, command } }),
  };
}

/** What the file says, as a field has it; null where it says nothing. */
function valueIn({ kind, inFile, isInFile }: ConfigKey): FieldSpec['value'] {
  if (!isInFile || inFile === null || inFile === undefined) return null;
  if (kind === 'lines' && Array.isArray(inFile)) return inFile.map(String);
  if (kind === 'number' && typeof inFile === 'number') return inFile;
  return typeof inFile === 'string' ? inFile : (JSON.stringify(inFile) ?? null);
}

/** What was touched, as the runtime takes it; a field that was emptied takes its key out of the file. Throws FieldUnreadable. */
export function changesFrom(
  rows: readonly ConfigKey[],
  fields: readonly FieldSpec[],
  entered: Entered,
): ConfigChange['changes'] {
  const kinds = new Map(rows.map(({ key, kind }) => [key, kind]));
  return fields
    .filter((field) => Object.hasOwn(entered, field.name) && isTouched(field, entered))
    .map(({ name }) => {
      const value = entered[name] ?? null;
      const kind = kinds.get(name);
      if (value === null) return { key: name };
      if (kind === 'boolean') return { key: name, value: value === 'true' };
      return { key: name, value: kind === 'json' ? jsonIn(name, String(value)) : value };
    });
}

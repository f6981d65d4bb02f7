import type { FormField } from '@kora/runtime/client';

/** What was filled in, by the fields' names; what was left empty is null. */
export type Entered = Record<string, string | number | boolean | string[] | null>;

/** What was typed into a field cannot be read as what the field holds. */
export class FieldUnreadable extends Error {
  readonly code = 'KORA_FIELD_UNREADABLE';
  /** Its name. */
  readonly field: string;

  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** Reads a form's fields; `read` answers the text of a field, null for a box that is not ticked. */
export function enteredIn(fields: readonly FormField[], read: (name: string) => string | null): Entered {
  return Object.fromEntries(fields.map(({ name, kind }) => [name, valueOf(kind, read(name))]));
}

function valueOf(kind: FormField['kind'], text: string | null): Entered[string] {
  if (kind === 'boolean') return text !== null;
  if (text === null || text.trim() === '') return null;
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === 'lines') return text.split('\n').filter((line) => line.trim() !== '');
  return text;
}

/**
 * The block of a configuration after its form was sent: what was touched is written, what was emptied is taken out, and
 * everything else stays as it is, so that a default is not written down as the operator's word. Throws FieldUnreadable naming
 * the key whose JSON does not parse.
 */
export function blockFrom(
  fields: readonly FormField[],
  entered: Entered,
  block: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const next: Record<string, unknown> = { ...block };
  for (const field of fields) {
    const value = entered[field.name] ?? null;
    // What a page may not write is in no form.
    if (!Object.hasOwn(entered, field.name) || !isTouched(field, entered)) continue;
    if (value === null) delete next[field.name];
    else next[field.name] = field.kind === 'json' ? jsonIn(field.name, String(value)) : value;
  }
  return next;
}

/** Throws FieldUnreadable naming the field. */
export function jsonIn(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new FieldUnreadable(name, `${name} is not JSON`, { cause });
  }
}

/** Whether something else was filled in than what stood there. */
export function isTouched({ name, kind, value }: FormField, entered: Entered): boolean {
  return !same(entered[name] ?? null, value ?? (kind === 'boolean' ? false : null));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

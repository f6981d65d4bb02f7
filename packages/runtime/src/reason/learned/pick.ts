import { visible } from '../quote/contract.ts';

/** What a field may be. */
export const fieldTypes = ['number', 'string', 'boolean'] as const;
export type FieldType = (typeof fieldTypes)[number];
export type FieldValue = number | string | boolean;

const longestValue = 200;

/**
 * One value out of what a tool answered: by the names of its fields with dots between, `0` for the first of a list, `length`
 * for how many a list has, nothing for the answer itself. Undefined for what is not there, or of another type.
 */
export function pickField(
  content: unknown,
  { pick, type }: { readonly pick: string; readonly type: FieldType },
): FieldValue | undefined {
  let found: unknown = content;
  for (const step of pick === '' ? [] : pick.split('.')) {
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, step);
    if (!isThere) return undefined;
    found = Reflect.get(found as object, step);
  }
  return typed(found, type);
}

function typed(found: unknown, type: FieldType): FieldValue | undefined {
  if (type === 'number') return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
  if (type === 'boolean') return typeof found === 'boolean' ? found : undefined;
  if (typeof found !== 'string') return undefined;
  // One line that can be seen, as a value in a sentence is; what is longer is no value but a text, and what turns the
  // reading direction or hides is no value at all.
  const line = found.trim();
  const isHidden = /\p{Cc}/u.test(line) || visible(line) !== line;
  return line === '' || line.length > longestValue || isHidden ? undefined : line;
}

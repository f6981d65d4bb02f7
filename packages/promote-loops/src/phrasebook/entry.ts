import type { ChangeSet } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The value of a `phrasebook.entry`; its key is the pattern. */
const value = z.object({ reply: z.string(), category: z.string(), description: z.string() });

/** A change of this loop as an entry. Throws a ZodError for one that is none of its own. */
export function entryOf({ key, value: given }: Pick<ChangeSet, 'key' | 'value'>): {
  readonly pattern: string;
  readonly reply: string;
} {
  return { pattern: key, reply: value.parse(given).reply };
}

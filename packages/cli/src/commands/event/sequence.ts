import { usage } from '../../fault.ts';
import { whole } from '../../input.ts';

/** An event's number as people write it, `412` or `#412`. Throws KORA_USAGE. */
export function sequence(typed: string): number {
  const seq = whole(typed.replace(/^#/, ''), 1);
  if (seq === undefined)
    throw usage(`an event is named by its sequence, not ${JSON.stringify(typed)}`, 'kora event tail');
  return seq;
}

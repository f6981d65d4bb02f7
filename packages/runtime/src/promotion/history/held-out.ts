import { createHash } from 'node:crypto';
import type { HistoryLook } from '../contract.ts';

/** Of 256: about a fifth. */
const heldOutBytes = 51;

/**
 * Whether a thing is of the fifth of the past that no proposal is made from: told by its id alone, so that it is the same in
 * each cycle, on each runtime and after a restart. The store says the same by `kora.is_held_out`.
 */
export function isHeldOut(id: string): boolean {
  const [first = 0] = createHash('sha256').update(`held out ${id}`).digest();
  return first < heldOutBytes;
}

/** Whether a thing of that id is in a part of the past. */
export function isIn(part: HistoryLook['part'], id: string): boolean {
  return part === 'all' || isHeldOut(id) === (part === 'held_out');
}

/** The same as SQL; `id` is an SQL expression of text that no outsider had a say in. */
export function inPart(part: HistoryLook['part'], id: string): string {
  if (part === 'all') return 'true';
  return `${part === 'held_out' ? '' : 'not '}kora.is_held_out(${id})`;
}

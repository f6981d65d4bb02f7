import { z } from 'zod';
import { sendDeed } from './deed.ts';
import type { Fault } from './read.ts';

/** The pairing code of `/pair#code=…`, or null. A fragment reaches no server and no log. */
export function pairingCode(hash: string): string | null {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('code');
  return code === null || code === '' ? null : code;
}

/** Why a code opened nothing. */
export interface PairRefusal {
  readonly fault: Fault;
  /** `wrong`, `used`, `expired`, `restarted`, `too_many`; null where the runtime names none. */
  readonly reason: string | null;
  /** Milliseconds until another code is looked at. */
  readonly retryAfterMs: number | null;
}

/** Swaps a single-use code for a session cookie that script cannot read. Null on success. */
export async function pair(code: string): Promise<PairRefusal | null> {
  const answer = await sendDeed('/api/pair', { code }, z.unknown());
  if (answer.ok) return null;
  const { reason, retryAfterMs } = answer.details;
  return {
    fault: answer.fault,
    reason: typeof reason === 'string' ? reason : null,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}

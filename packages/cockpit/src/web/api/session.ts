import { z } from 'zod';
import { sendDeed } from './deed.ts';
import type { Fault } from './read.ts';

/** The pairing code of `/pair#code=…`, or null. A fragment reaches no server and no log. */
export function pairingCode(hash: string): string | null {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('code');
  return code === null || code === '' ? null : code;
}

/** Swaps a single-use code for a session cookie that script cannot read. Null on success. */
export async function pair(code: string): Promise<Fault | null> {
  const answer = await sendDeed('/api/pair', { code }, z.unknown());
  return answer.ok ? null : answer.fault;
}

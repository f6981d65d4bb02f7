import { createKoraClient, KoraApiError } from '@kora/runtime/client';
import type { Fault } from './read.ts';

/** The pairing code of `/pair#code=…`, or null. A fragment reaches no server and no log. */
export function pairingCode(hash: string): string | null {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('code');
  return code === null || code === '' ? null : code;
}

/** Swaps a single-use code for a session cookie that script cannot read. Null on success. */
export async function pair(code: string, origin: string): Promise<Fault | null> {
  try {
    await createKoraClient({ url: origin }).pair(code);
    return null;
  } catch (error) {
    if (error instanceof KoraApiError) {
      return { status: error.status, code: error.code, message: error.message, hint: error.hint ?? null };
    }
    return { status: 0, code: 'PAGE_NO_ANSWER', message: 'The runtime did not answer.', hint: 'kora status' };
  }
}

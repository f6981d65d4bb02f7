import { chainBytesSchema, type EventRow } from '@kora/runtime/client';
import { useState } from 'react';
import { readList } from '../../api/read.ts';
import { type Digest, rangesOf, type Verified, verifyBytes } from './verify.ts';

export type VerifyStanding =
  | { readonly state: 'idle' }
  | { readonly state: 'busy'; readonly upTo: number }
  | { readonly state: 'done'; readonly result: Verified }
  | { readonly state: 'refused'; readonly message: string };

interface Verifying {
  readonly standing: VerifyStanding;
  verify(from: number, to: number): Promise<void>;
}

/** Has a range of the chain hashed again by this browser. `shown` are the events as the page has them. */
export function useVerify(shown: readonly EventRow[]): Verifying {
  const [standing, setStanding] = useState<VerifyStanding>({ state: 'idle' });
  const verify = async (from: number, to: number): Promise<void> => {
    const digest = digestHere();
    if (digest === null) {
      setStanding({
        state: 'refused',
        message: 'This browser hashes only where the page came over https or from this machine.',
      });
      return;
    }
    setStanding({ state: 'busy', upTo: from });
    setStanding(
      await verifyRange({ from, to }, shown, digest, (upTo) => setStanding({ state: 'busy', upTo })),
    );
  };
  return { standing, verify };
}

async function verifyRange(
  { from, to }: { readonly from: number; readonly to: number },
  events: readonly EventRow[],
  digest: Digest,
  onProgress: (upTo: number) => void,
): Promise<VerifyStanding> {
  const shown = new Map(events.map((event) => [event.seq, event]));
  let redacted = 0;
  let last: Verified | null = null;
  for (const range of rangesOf(from, to)) {
    const answer = await readList(`/api/chain-bytes?from=${range.from}&to=${range.to}`, chainBytesSchema);
    if (!answer.ok) return { state: 'refused', message: answer.fault.message };
    const joined: Verified = await verifyBytes(answer.data, shown, digest);
    if (!joined.ok) return { state: 'done', result: joined };
    if (joined.from !== range.from) {
      const problem = 'the chain does not reach back so far here: it was pruned, or it is missing';
      return { state: 'done', result: { ok: false, seq: range.from, problem } };
    }
    redacted += joined.redacted;
    last = { ...joined, from, redacted };
    onProgress(joined.to);
  }
  return last === null ? { state: 'idle' } : { state: 'done', result: last };
}

function digestHere(): Digest | null {
  // Absent where the page is not in a secure context, whatever the types say.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  return subtle === undefined ? null : async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
}

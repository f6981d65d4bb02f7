import { chainBytesSchema, type EventRow } from '@kora/runtime/client';
import { useState } from 'react';
import { readList } from '../../api/read.ts';
import { bytesAtOnce, type Digest, type Link, type Verified, verifyBytes } from './verify.ts';

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
  let before: Link | null = null;
  // An answer may end early where bodies are long: the next one goes on behind its last event.
  while (before === null || before.seq < to) {
    const next: number = before === null ? from : before.seq + 1;
    const last = Math.min(to, next + bytesAtOnce - 1);
    const answer = await readList(`/api/chain-bytes?from=${next}&to=${last}`, chainBytesSchema);
    if (!answer.ok) return { state: 'refused', message: answer.fault.message };
    const part: Verified = await verifyBytes(answer.data, { from: next, before, shown }, digest);
    if (!part.ok) return { state: 'done', result: part };
    redacted += part.redacted;
    before = { seq: part.to, hash: part.lastHash };
    onProgress(part.to);
  }
  return {
    state: 'done',
    result: { ok: true, from, to: before.seq, redacted, lastHash: before.hash },
  };
}

function digestHere(): Digest | null {
  // Absent where the page is not in a secure context, whatever the types say.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  return subtle === undefined ? null : async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
}

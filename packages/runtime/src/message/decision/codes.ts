import { createHash, randomBytes } from 'node:crypto';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { OutboundMessage } from '../contract.ts';
import { labelsOf } from './labels.ts';

/** Crockford's: nothing in it is taken for something else, also when it is read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 40 bits, as eight characters. */
export function newCode(bytes: Uint8Array = randomBytes(5)): string {
  let bits = bytes.subarray(0, 5).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let code = '';
  for (let n = 0; n < 8; n += 1) {
    code = `${alphabet[Number(bits % 32n)] ?? ''}${code}`;
    bits /= 32n;
  }
  return code;
}

/** As it was meant: small letters, blanks and dashes, O for 0, I and L for 1. Undefined for what no code can be. */
export function readCode(typed: string): string | undefined {
  const meant = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(meant) ? meant : undefined;
}

function hashOf(workspaceId: number, code: string): Buffer {
  return createHash('sha256').update(`kora decision ${workspaceId} ${code}`).digest();
}

interface Sending {
  readonly messageId: number;
  readonly channel: string;
  readonly decisionId: number | null;
}

/**
 * A code for this one sending of a message that asks for a decision; undefined when it asks for none, or none any more.
 * It is told in the message and kept nowhere: only its hash is, until the decision is over.
 */
export async function mintCode(
  tx: Transaction,
  { workspaceId }: { readonly workspaceId: number },
  { messageId, channel, decisionId }: Sending,
): Promise<OutboundMessage['decision']> {
  if (decisionId === null) return undefined;
  const code = newCode();
  const [minted] = await tx.query<{ expiresAt: Date; question: string; kind: string }>(
    `with open as (select decision_id, expires_at, title, kind from kora.decision
       where workspace_id = $1 and decision_id = $2 and status = 'open' and expires_at > clock_timestamp()),
     made as (insert into kora.decision_code (workspace_id, hash, decision_id, message_id, channel)
       select $1, $3, decision_id, $4, $5 from open)
     select expires_at as "expiresAt", title as question, kind from open`,
    [workspaceId, decisionId, hashOf(workspaceId, code), messageId, channel],
  );
  if (minted === undefined) return undefined;
  const { expiresAt, question, kind } = minted;
  const labels = labelsOf(kind);
  return {
    code,
    expiresAt: expiresAt.toISOString(),
    question,
    ...(labels === undefined ? {} : { labels }),
  };
}

/** The number of the decision that a code is for; undefined for a code that never was, or whose decision was over long ago. */
export async function decisionOfCode(
  db: Queryable,
  workspaceId: number,
  code: string,
): Promise<number | undefined> {
  const [row] = await db.query<{ decisionId: number }>(
    `select decision_id as "decisionId" from kora.decision_code where workspace_id = $1 and hash = $2`,
    [workspaceId, hashOf(workspaceId, code)],
  );
  return row?.decisionId;
}

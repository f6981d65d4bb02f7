import { createHash } from 'node:crypto';
import { canonicalJson } from '../chain/index.ts';
import type { ProposalDraft } from './contract.ts';

/** The same for the same loop and the same thing that repeats, for ever and on every machine. Hex SHA-256. */
export function fingerprintOf(loop: string, identity: unknown): string {
  return sha256([loop, identity ?? null]);
}

/** Names exactly what is decided about: the change, and what it rests on. Hex SHA-256. */
export function digestOf(
  fingerprint: string,
  revision: number,
  { change, title, why, evidence, expected }: ProposalDraft,
): string {
  return sha256([fingerprint, revision, change, title, why, evidence, expected]);
}

/** Whether two changes are the same place and value. */
export function sameChange(a: ProposalDraft['change'], b: ProposalDraft['change']): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function sha256(value: unknown): string {
  // As it is stored: what JSON cannot say is not part of it.
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(value))))
    .digest('hex');
}

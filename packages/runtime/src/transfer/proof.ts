import { verifyChain, verifyOn } from '../chain/index.ts';
import type { Verification } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Session } from '../store/index.ts';
import type { ChainEnd } from './contract.ts';

/** One workspace's chain as a full pass found it. */
export interface ChainProof extends ChainEnd {
  readonly ok: boolean;
  readonly checked: number;
  /** Empty when it holds. */
  readonly damage: string;
}

/** Recomputes every chain of a store, one after the other, in constant memory. */
export function proveChains(
  database: Database,
  ends: readonly ChainEnd[],
  signal: AbortSignal | undefined,
): Promise<ChainProof[]> {
  return prove(ends, signal, (workspaceId, options) => verifyChain(database, workspaceId, options));
}

/** The same in a snapshot, on the one connection that has it. */
export function proveSnapshot(
  session: Session,
  ends: readonly ChainEnd[],
  signal: AbortSignal | undefined,
): Promise<ChainProof[]> {
  return prove(ends, signal, (workspaceId, options) => verifyOn(session, workspaceId, options));
}

type Verify = (workspaceId: number, options: { signal?: AbortSignal }) => Promise<Verification>;

async function prove(
  ends: readonly ChainEnd[],
  signal: AbortSignal | undefined,
  verify: Verify,
): Promise<ChainProof[]> {
  const proofs: ChainProof[] = [];
  for (const { workspaceId, workspace } of ends) {
    const found = await verify(workspaceId, signal === undefined ? {} : { signal });
    const damage = found.ok ? '' : `#${found.firstBadSeq} ${found.problem}: ${found.detail}`;
    const { seq, hash } = found.head;
    proofs.push({ workspaceId, workspace, seq, hash, ok: found.ok, checked: found.checked, damage });
  }
  return proofs;
}

/** Both sides must say the same of every chain, down to its damage. Throws KORA_TRANSFER_DIFFERS. */
export function compareProofs(here: readonly ChainProof[], there: readonly ChainProof[]): void {
  const differing = here.find((proof, at) => JSON.stringify(proof) !== JSON.stringify(there[at]));
  if (differing === undefined && here.length === there.length) return;
  const what = differing === undefined ? 'the number of workspaces' : `the chain of ${differing.workspace}`;
  throw fault('KORA_TRANSFER_DIFFERS', `${what} differs after the move; nothing was switched`, {
    fix: 'repeat the command; it begins anew',
    details: { here, there },
  });
}

/** A move must not carry damage along unseen. Throws KORA_TRANSFER_DIFFERS. */
export function refuseDamage(proofs: readonly ChainProof[]): void {
  const damaged = proofs.find(({ ok }) => !ok);
  if (damaged === undefined) return;
  throw fault('KORA_TRANSFER_DIFFERS', `the chain of ${damaged.workspace} is damaged: ${damaged.damage}`, {
    fix: 'kora event verify',
  });
}

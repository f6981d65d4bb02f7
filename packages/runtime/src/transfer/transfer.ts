import type { Database } from '../store/index.ts';
import type { TableCount } from './contract.ts';
import { withSnapshot } from './live.ts';
import { loadStore } from './load.ts';
import { unmark } from './mark.ts';
import { compareProofs, proveChains, proveSnapshot, refuseDamage } from './proof.ts';
import type { ChainProof } from './proof.ts';
import type { PluginCarrier } from './plugins.ts';

export interface TransferOptions {
  readonly source: Database;
  readonly target: Database;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** A damaged chain stops the move. Left out, it is carried over as it is. */
  readonly refuseDamaged?: boolean;
  /** How tables of plugins are carried. */
  readonly plugins?: PluginCarrier | undefined;
}

export interface TransferReport {
  readonly tables: readonly TableCount[];
  readonly rows: number;
  readonly bytes: number;
  readonly chains: readonly ChainProof[];
}

/**
 * Copies a whole store from one server to another and proves it: every table's rows counted, every chain recomputed on
 * both sides with the same end. Until then the target is marked as unfinished and no runtime opens it. Throws
 * KORA_STORE_NOT_EMPTY or KORA_TRANSFER_DIFFERS; a second call begins anew.
 */
export function transferStore(options: TransferOptions): Promise<TransferReport> {
  const { source, target, onProgress, signal, plugins } = options;
  return withSnapshot(source, async (snapshot, session) => {
    onProgress('the chains are proved where they are');
    const before = await proveSnapshot(session, snapshot.contents.ends, signal);
    if (options.refuseDamaged === true) refuseDamage(before);
    const tables = await loadStore({ source: snapshot, target, onProgress, signal, plugins });
    onProgress('the chains are proved where they went');
    const after = await proveChains(target, snapshot.contents.ends, signal);
    compareProofs(before, after);
    await unmark(target);
    return { tables, ...sums(tables), chains: after };
  });
}

export function sums(tables: readonly TableCount[]): { rows: number; bytes: number } {
  return {
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

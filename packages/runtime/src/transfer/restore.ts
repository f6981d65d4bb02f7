import { fault } from '../fault/index.ts';
import { migrate } from '../store/index.ts';
import type { Database, Migration } from '../store/index.ts';
import { raiseEpoch } from '../state/index.ts';
import type { Backup } from './archive.ts';
import type { ChainEnd } from './contract.ts';
import { loadStore } from './load.ts';
import { unmark } from './mark.ts';
import type { PluginCarrier } from './plugins.ts';
import { proveChains } from './proof.ts';
import { sums } from './transfer.ts';
import type { TransferReport } from './transfer.ts';

export interface RestoreOptions {
  readonly backup: Backup;
  readonly target: Database;
  /** This build's migrations, applied after the backup's own. */
  readonly migrations: readonly Migration[];
  readonly build: string;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** How tables of plugins are carried. */
  readonly plugins?: PluginCarrier | undefined;
}

export interface RestoreReport extends TransferReport {
  /** The epoch the store is in now. */
  readonly epoch: number;
}

/**
 * Puts a backup's store into an empty database, proves every chain against the end that the backup names, and raises
 * the epoch, so that every home knows it for a restored one. Damage that was there when the backup was made is told.
 */
export async function restoreStore(options: RestoreOptions): Promise<RestoreReport> {
  const { backup, target, migrations, build, onProgress, signal, plugins } = options;
  const tables = await loadStore({ source: backup.source, target, onProgress, signal, plugins });
  onProgress('the chains are proved');
  const { ends } = backup.source.contents;
  const chains = await proveChains(target, ends, signal);
  for (const [at, end] of ends.entries()) requireEnd(end, chains[at]);
  await migrate(target, { owner: 'runtime', build, migrations });
  const { createdAt } = backup.manifest;
  const epoch = await raiseEpoch(target, {
    by: 'operator',
    reason: `restored from the backup of ${createdAt}`,
  });
  await unmark(target);
  return { tables, ...sums(tables), chains, epoch };
}

function requireEnd(wanted: ChainEnd, found: ChainEnd | undefined): void {
  if (found?.seq === wanted.seq && found.hash === wanted.hash) return;
  throw fault(
    'KORA_TRANSFER_DIFFERS',
    `the chain of ${wanted.workspace} ends at #${found?.seq ?? 0}, the backup at #${wanted.seq}`,
    { fix: 'kora restore <another backup>', details: { wanted, found } },
  );
}

import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { putAside, readKnownEpoch, rememberEpoch } from './home/index.ts';
import type { KnownEpoch } from './home/index.ts';
import type { Rooms } from './rooms.ts';
import { acceptEpoch, isEmptyStore, judgeEpoch, placeHold, readEpoch } from './state/index.ts';
import type { EpochVerdict, StoreEpoch } from './state/index.ts';
import { isStoreAway } from './store/index.ts';
import type { Database, Transaction } from './store/index.ts';
import { isUnfinished } from './transfer/index.ts';

/** Who places the hold: one a workspace, however many runtimes see the same. */
export const epochGate = '3b_epoch';

/**
 * Before anything is written: a home opens the store it knows, or an empty one. Any other it takes only when told to
 * adopt it. Answers whether the home has to remember what it meets. Throws KORA_STORE_STRANGE, or KORA_STORE_UNFINISHED for half a store.
 */
export async function refuseStrangeStore(home: string, database: Database, adopt: boolean): Promise<boolean> {
  if (await isUnfinished(database)) {
    throw fault(
      'KORA_STORE_UNFINISHED',
      `${database.server.description} holds a store that was never moved whole`,
      {
        fix: 'repeat the command that moved it, kora db promote or kora restore; it begins anew',
      },
    );
  }
  const known = await readKnownEpoch(home);
  const isEmpty = await isEmptyStore(database);
  if (known === undefined && (isEmpty || adopt)) return true;
  const observed = await observedIfMigrated(database);
  if (known !== undefined && known.storeId === observed?.storeId) return false;
  if (adopt) return true;
  const { description } = database.server;
  const what =
    known === undefined
      ? `${description} holds events, and this home never saw it`
      : `${description} is not the store that this home knows: it ${isEmpty ? 'is empty' : 'has another id'}`;
  throw fault('KORA_STORE_STRANGE', what, { fix: `kora up --adopt --home ${home}`, details: { home } });
}

async function observedIfMigrated(database: Database): Promise<StoreEpoch | undefined> {
  const [made] = await database.query<{ there: boolean }>(
    `select to_regclass('kora.store_epoch') is not null as there`,
  );
  return made?.there === true ? readEpoch(database) : undefined;
}

/**
 * After the schema stands: the store is this home's from now on. What the home kept of another one goes aside first; the
 * answer is where.
 */
export async function rememberStore(home: string, database: Database): Promise<string | undefined> {
  const [known, observed] = await Promise.all([readKnownEpoch(home), readEpoch(database)]);
  // A home that lost its memory may well have signed this very store: then what it signed still counts.
  const isAnother = known !== undefined && known.storeId !== observed.storeId;
  const aside = isAnother ? await putAside(home, known) : undefined;
  await rememberEpoch(home, observed);
  return aside;
}

export interface EpochLook {
  readonly verdict: EpochVerdict['is'];
  readonly known: KnownEpoch | undefined;
  readonly observed: StoreEpoch;
}

/** One look at the store's epoch, at boot and with a heartbeat; what was accepted elsewhere is taken over. */
export async function lookAtEpoch(
  home: string,
  rooms: Pick<Rooms, 'database' | 'workspace'>,
  checkOnly = false,
): Promise<EpochLook> {
  const { database, workspace } = rooms;
  const [known, observed] = await Promise.all([readKnownEpoch(home), readEpoch(database)]);
  const { is: verdict } = await judgeEpoch(database, workspace.workspaceId, known, observed);
  if (verdict === 'accepted' && !checkOnly) await rememberEpoch(home, observed);
  return { verdict, known, observed };
}

/** The gate's answer: one sentence of evidence, or KORA_EPOCH_MISMATCH. */
export async function epochEvidence(
  home: string,
  rooms: Pick<Rooms, 'database' | 'workspace'>,
  checkOnly = false,
): Promise<string> {
  const { verdict, known, observed } = await lookAtEpoch(home, rooms, checkOnly);
  if (verdict === 'known') return `epoch ${observed.epoch}`;
  if (verdict === 'accepted') return `epoch ${observed.epoch}, accepted by another runtime's operator`;
  throw fault('KORA_EPOCH_MISMATCH', epochWords(known, observed), {
    fix: 'kora status, then accept it with: kora resume --hold <id> --reason <why>',
  });
}

export function epochWords(known: StoreEpoch | undefined, observed: StoreEpoch): string {
  if (known?.storeId !== observed.storeId) return 'the store is not the one this home knows';
  const how = observed.epoch < known.epoch ? 'went back' : 'was restored, or its epoch raised';
  return `the store ${how}: it is in epoch ${observed.epoch}, this home accepted ${known.epoch}`;
}

type HoldRooms = Pick<Rooms, 'database' | 'workspace' | 'chain'>;

/**
 * The hold of a mismatch and the events that say so, together or not at all; a second look adds nothing, and neither does
 * one that people answered while it was under way.
 */
export async function holdForEpoch(rooms: HoldRooms, { known, observed }: EpochLook): Promise<void> {
  const { database, workspace, chain } = rooms;
  await database.transaction(async (tx) => {
    // Whoever accepts clears this row in one transaction with the acceptance: it is waited for, and then seen.
    await tx.query(
      `select hold_id from kora.hold where workspace_id = $1 and cause = 'dr' and cleared_at is null for update`,
      [workspace.workspaceId],
    );
    const { is } = await judgeEpoch(tx, workspace.workspaceId, known, await readEpoch(tx));
    if (is === 'accepted') return;
    const { workspaceId } = workspace;
    await placeHold(
      tx,
      { workspaceId, stage: (within, drafts) => chain.stage(within, drafts) },
      {
        cause: 'dr',
        owner: `gate:${epochGate}`,
        reason: epochWords(known, observed),
        particulars: { observed_epoch: observed.epoch, known_epoch: known?.epoch ?? 0 },
      },
    );
  });
}

/** Looks, and holds on a mismatch: with a heartbeat, and right after the epoch was raised. True when it fits. */
export async function watchEpoch(
  home: string,
  rooms: HoldRooms & Pick<Rooms, 'controller'>,
): Promise<boolean> {
  const look = await lookAtEpoch(home, rooms);
  if (look.verdict === 'known' || look.verdict === 'accepted') return true;
  await holdForEpoch(rooms, look);
  await rooms.controller.look(epochWords(look.known, look.observed));
  return false;
}

const beatMs = 3_000;

/**
 * A store that is restored under a running runtime holds it within a beat. While the boot runs, its gate is the one to
 * say; a store that does not answer is an outage, which the state's watch tells.
 */
export async function beatEpoch(
  { clock, home, onError }: Pick<Ground, 'clock' | 'home' | 'onError'>,
  rooms: HoldRooms & Pick<Rooms, 'holder' | 'controller'>,
  signal: AbortSignal,
): Promise<void> {
  // Runtimes that were started together do not all ask in the same instant.
  while (await clock.sleep(beatMs * (0.75 + clock.random() / 2), signal)) {
    if (rooms.holder.inputs.boot !== 'passed') continue;
    await watchEpoch(home.directory, rooms).catch((error: unknown) => {
      if (!isStoreAway(error)) onError('store watch', error);
    });
  }
}

/** Inside the transaction that clears the hold; the home remembers after the commit. */
export async function acceptStore(
  tx: Transaction,
  options: {
    readonly home: string;
    readonly workspaceId: number;
    readonly by: string;
    readonly reason: string;
  },
): Promise<StoreEpoch> {
  const { home, workspaceId, by, reason } = options;
  const known = await readKnownEpoch(home);
  return acceptEpoch(tx, workspaceId, { by, reason, known });
}

import { stat } from 'node:fs/promises';
import type { Ground } from './ground.ts';
import { readKnownEpoch } from './home/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { backupMade, drObserved, judgeEpoch, listAcceptances, openHolds, readEpoch } from './state/index.ts';
import type { EpochVerdict } from './state/index.ts';
import { isStoreAway } from './store/index.ts';

/** Whether the store is in the life that this home accepted last, in the words that the events use. */
export function drAnswers(ground: Pick<Ground, 'home'>, rooms: DrRooms): Pick<House, 'drState'> {
  return {
    drState: async () => {
      const known = await readKnownEpoch(ground.home.directory);
      try {
        return { ...(await compared(rooms, known)), backups: await backupsOf(ground, rooms) };
      } catch (error) {
        if (!isStoreAway(error)) throw error;
        const unread = {
          observed_epoch: null,
          hold: null,
          last_mismatch: null,
          acceptances: [],
          backups: null,
        };
        return { match_status: 'unknown', known_epoch: known?.epoch ?? null, ...unread };
      }
    },
  };
}

type DrRooms = Pick<Rooms, 'database' | 'workspace' | 'chain'>;

const mostBackups = 10;

/** The copies that are known, each held against the chain and the disk as they are now. */
async function backupsOf(
  { home }: Pick<Ground, 'home'>,
  { chain }: DrRooms,
): Promise<NonNullable<shape.DrState['backups']>> {
  const events = await chain.newest({ types: [backupMade.type], limit: mostBackups });
  const told = await Promise.all(
    events.map(async ({ seq, occurredAt, payload, runtimeId }) => {
      const parsed = backupMade.payload.safeParse(payload);
      if (!parsed.success) return undefined;
      const { chain_seq: chainSeq, chain_hash: hash, ...copy } = parsed.data;
      const [end] = await chain.read({ after: chainSeq - 1, limit: 1 });
      return {
        ...copy,
        seq,
        at: occurredAt,
        chainSeq,
        isOfThisChain: end?.seq === chainSeq ? end.hash === hash : null,
        isThere: runtimeId === home.runtimeId ? await isFolder(copy.directory) : null,
      };
    }),
  );
  return told.filter((copy) => copy !== undefined);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // gone, or not to be looked at: nothing that could be restored from here
  }
}

async function compared(
  { database, workspace, chain }: DrRooms,
  known: Awaited<ReturnType<typeof readKnownEpoch>>,
): Promise<shape.DrState> {
  const { workspaceId } = workspace;
  const observed = await readEpoch(database);
  const [{ is }, holds, [mismatch], acceptances] = await Promise.all([
    judgeEpoch(database, workspaceId, known, observed),
    openHolds(database, workspaceId),
    chain.read({ type: drObserved.type, order: 'desc', limit: 1 }),
    listAcceptances(database, workspaceId),
  ]);
  return {
    match_status: words[is],
    known_epoch: known?.epoch ?? null,
    observed_epoch: observed.epoch,
    hold: holds.find(({ cause }) => cause === 'dr') ?? null,
    last_mismatch: mismatch === undefined ? null : mismatchOf(mismatch),
    acceptances,
  };
}

const words: Readonly<Record<EpochVerdict['is'], shape.DrState['match_status']>> = {
  known: 'clean',
  accepted: 'accepted_elsewhere',
  mismatch: 'mismatch_detected',
  stranger: 'another_store',
};

/** Read with the very schema that the event was written with; a body that was redacted says nothing. */
function mismatchOf({
  seq,
  occurredAt,
  payload,
}: Awaited<ReturnType<Rooms['chain']['read']>>[number]): shape.DrState['last_mismatch'] {
  const parsed = drObserved.payload.safeParse(payload);
  return parsed.success ? { seq, at: occurredAt, ...parsed.data } : null;
}

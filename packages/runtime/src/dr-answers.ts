import type { Ground } from './ground.ts';
import { readKnownEpoch } from './home/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { drObserved, judgeEpoch, listAcceptances, openHolds, readEpoch } from './state/index.ts';
import type { EpochVerdict } from './state/index.ts';
import { isStoreAway } from './store/index.ts';

/** Whether the store is in the life that this home accepted last, in the words that the events use. */
export function drAnswers(ground: Pick<Ground, 'home'>, rooms: DrRooms): Pick<House, 'drState'> {
  return {
    drState: async () => {
      const known = await readKnownEpoch(ground.home.directory);
      try {
        return await compared(rooms, known);
      } catch (error) {
        if (!isStoreAway(error)) throw error;
        const unread = { observed_epoch: null, hold: null, last_mismatch: null, acceptances: [] };
        return { match_status: 'unknown', known_epoch: known?.epoch ?? null, ...unread };
      }
    },
  };
}

type DrRooms = Pick<Rooms, 'database' | 'workspace' | 'chain'>;

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

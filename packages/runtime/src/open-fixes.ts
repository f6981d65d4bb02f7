import type { EventDraft } from './chain/index.ts';
import { Fixes } from './fix/index.ts';
import type { Ground } from './ground.ts';
import { addEntry, findIncident } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';

const wakeRequested = 'probe.wake_requested';

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'vocabulary' | 'admission' | 'capabilities' | 'probes' | 'apply'
>;
type Stage = (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;

/** What may be mended, over the probes that find it broken. */
export function fixesOf({ clock, home, onError }: Ground, rooms: Around): Fixes {
  const { database, workspace, chain, vocabulary, admission, capabilities, probes, apply } = rooms;
  const { workspaceId } = workspace;
  return new Fixes({
    database,
    workspaceId,
    runtimeId: home.runtimeId,
    clock,
    admission,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    tell: (tx, message) => apply(tx, { messages: [message] }),
    note: async (tx, line) => void (await addEntry(tx, workspaceId, { ...line, kind: 'fix' })),
    probes: {
      state: async (probe) => (await probes.list()).find(({ name }) => name === probe),
      look: (probe) => probes.runNow(probe),
    },
    incident: (incidentId) => findIncident(database, workspaceId, incidentId),
    riskOf: (capability) => capabilities.capability(capability)?.risk,
    granted: (caller, capability) => capabilities.isGranted(caller, capability),
    decided: async (approvalId, signal) => (await capabilities.wait(approvalId, signal))?.status,
    scrub: (text) => vocabulary.text(text),
    onError,
  });
}

/** When a pause or a stop is over, what it kept from being mended is looked at again. */
export function mendAfterPause(
  { onError }: Pick<Ground, 'onError'>,
  { holder, fixes }: Pick<Rooms, 'holder' | 'fixes'>,
): void {
  const isHeld = (): boolean => holder.inputs.holds.length > 0 || holder.inputs.stopLevel > 0;
  let wasHeld = isHeld();
  holder.listen('fixes', () => {
    const isOver = wasHeld && !isHeld();
    wasHeld = isHeld();
    if (isOver) fixes.resumed().catch((error: unknown) => onError('fixes after a pause', error));
  });
}

interface WakePayload {
  readonly probe: string;
  readonly wake_id: string;
  readonly incident_id: number;
}

/**
 * Staging as it was, but that a wake names the fixes of its probe, and that they hear of it once it has landed: nothing
 * waits for them, and nothing polls.
 */
export function hearingWakes(stage: Stage, fixes: () => Fixes, onError: Ground['onError']): Stage {
  return async (tx, drafts) => {
    await stage(
      tx,
      drafts.map((each) =>
        each.type === wakeRequested
          ? { ...each, payload: { ...each.payload, envelope: fixes().envelopeOf(wakeIn(each).probe) } }
          : each,
      ),
    );
    for (const each of drafts) {
      if (each.type !== wakeRequested) continue;
      const { probe, wake_id: wakeId, incident_id: incidentId } = wakeIn(each);
      tx.afterCommit(() => {
        fixes()
          .woken({ probe, wakeId, incidentId })
          .catch((error: unknown) => onError(`fixes of ${probe}`, error));
      });
    }
  };
}

function wakeIn({ payload }: EventDraft): WakePayload {
  return payload as unknown as WakePayload;
}

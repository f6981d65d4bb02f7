import { Artifacts } from './artifact/index.ts';
import type { Ground } from './ground.ts';
import { Tools } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { Ledger, performOperation } from './ticket/index.ts';
import { fault } from './fault/index.ts';

const bytesOfMb = 1024 * 1024;

/** The files of the workspace. */
export function artifactsOf(
  { clock, configuration }: Ground,
  { database, workspace, chain }: Pick<Rooms, 'database' | 'workspace' | 'chain'>,
): Artifacts {
  const { keepDays, totalMb, pluginMb } = configuration.config.artifacts;
  return new Artifacts({
    database,
    workspaceId: workspace.workspaceId,
    clock,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    keepDays,
    totalBytes: totalMb * bytesOfMb,
    makerBytes: pluginMb * bytesOfMb,
  });
}

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'vocabulary' | 'admission' | 'capabilities' | 'worker'
>;

/** What whoever thinks may ask for: by the door, and in a ticket's name by its ledger. */
export function toolsOf({ clock, onError }: Ground, rooms: Around): Tools {
  const { database, workspace, chain, vocabulary, admission, capabilities, worker } = rooms;
  const scrub = (text: string): string => vocabulary.text(text);
  const ledger = new Ledger({ database, workspaceId: workspace.workspaceId, clock, scrub });
  return new Tools({
    clock,
    admission,
    leave: {
      isMapped: (capability) => capabilities.capability(capability) !== undefined,
      isAsked: (capability) => capabilities.capability(capability)?.defaultVerdict === 'ask',
      isGranted: (caller, capability) => capabilities.isGranted(caller, capability),
    },
    operation: async ({ ticketId, fence }, spec, run, signal) => {
      const sessionId = worker.sessionOf({ ticketId, fence });
      if (sessionId === undefined)
        throw fault(
          'KORA_TICKET_STALE_FENCE',
          `ticket ${ticketId} is not held under fence ${fence} any more`,
        );
      return performOperation(ledger, { holder: { ticketId, fence, sessionId }, signal }, spec, run);
    },
    record: async (event) => void (await chain.append([event])),
    scrub,
    onError,
  });
}

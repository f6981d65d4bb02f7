import type { Ground } from './ground.ts';
import type { ChangeKindSpec } from './promotion/index.ts';
import {
  LearnedFields,
  pastQuestions,
  phrasebookEntryOf,
  snapshotFieldOf,
  toolsTrimmedOf,
} from './reason/index.ts';
import type { Rooms } from './rooms.ts';

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'phrasebook' | 'snapshots' | 'learnedFields' | 'tools' | 'reason' | 'fixes'
>;

/** The fields of the snapshot that were learned, each read by its tool through the door. */
export function learnedFieldsOf(
  { clock, onError }: Pick<Ground, 'clock' | 'onError'>,
  rooms: () => Rooms,
): LearnedFields {
  return new LearnedFields({
    clock,
    read: (name, { tool, input }, signal) => {
      const { tools, reason } = rooms();
      const engine = engineOf({ reason });
      return tools.read(tool, { callId: `snapshot:${name}:${clock.uuid()}`, input, engine, signal });
    },
    onError,
  });
}

/** What may be learned of what answers, what is known and what is offered to whoever thinks, and of what may be mended. */
export function houseChanges(rooms: Around): readonly ChangeKindSpec[] {
  const { database, workspace, phrasebook, snapshots, learnedFields, tools, reason, fixes } = rooms;
  const { registry, trims } = tools;
  return [
    phrasebookEntryOf({
      phrasebook,
      paths: snapshots.paths,
      fields: () => learnedFields.names,
      questions: (limit) => pastQuestions(database, workspace.workspaceId, limit),
    }),
    snapshotFieldOf({
      fields: learnedFields,
      snapshots,
      tools: registry,
      mayRead: (tool) => tools.mayRead(tool, engineOf({ reason })),
    }),
    toolsTrimmedOf({
      trims,
      tools: registry,
      granted: (route) => tools.granted({ route, caller: engineOf({ reason }) ?? 'kora' }),
      inputPrice: () => cheapestInput(rooms),
    }),
    fixes.changes,
  ];
}

/** The least that a token of a tool's description costs, so that what a trim saves is never said to be more. */
function cheapestInput({ reason }: Pick<Rooms, 'reason'>): number | null {
  const models = reason.engines.choice().engine?.spec.models ?? [];
  const prices = models.flatMap(({ price }) => (price === null ? [] : [price.input]));
  return prices.length === 0 ? null : Math.min(...prices);
}

function engineOf({ reason }: Pick<Rooms, 'reason'>): string | undefined {
  return reason.engines.choice().engine?.owner;
}

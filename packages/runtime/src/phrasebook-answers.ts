import { once } from './control/index.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import { keptSnapshot, keptSnapshots, knownTo, pastQuestions, Phrasebook } from './reason/index.ts';
import type { PhrasebookOnce } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

/** The phrasebook of the workspace, with the entries of this build; it follows what other runtimes make of it. */
export async function phrasebookOf(
  ground: Ground,
  around: Pick<Rooms, 'database' | 'workspace' | 'chain' | 'snapshots'>,
): Promise<Phrasebook> {
  const { database, workspace, chain, snapshots } = around;
  const { workspaceId } = workspace;
  const phrasebook = new Phrasebook({
    database,
    workspaceId,
    build: ground.build,
    paths: snapshots.paths,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    questions: (limit) => pastQuestions(database, workspaceId, limit),
    onError: ground.onError,
  });
  // A check of the gates changes nothing, and answers nobody.
  if (ground.options.checkOnly !== true) await phrasebook.open(ground.scope);
  return phrasebook;
}

/** Known questions are answered before anybody thinks, and whoever thinks is shown how everything stands now. */
export function connectWords(
  { clock }: Pick<Ground, 'clock'>,
  { reason, phrasebook, snapshots }: Pick<Rooms, 'reason' | 'phrasebook' | 'snapshots'>,
): void {
  reason.ports.snapshot = () => snapshots.forAsk();
  reason.ports.phrasebook = async (text, runId) => {
    const snapshot = await snapshots.forAsk();
    // Looked at after it was taken: to an earlier moment it would be from the future, and say nothing.
    const known = phrasebook.answer(text, snapshot, clock.now());
    return known && knownTo(runId, known);
  };
}

type PhrasebookAnswers = Pick<
  House,
  | 'phrasebook'
  | 'phrasebookHistory'
  | 'testPhrasebook'
  | 'previewPhrasebook'
  | 'editPhrasebook'
  | 'revertPhrasebook'
  | 'reasonSnapshot'
  | 'keptSnapshots'
  | 'keptSnapshot'
>;

const questionsHeld = 1_000;

/** What is answered for nothing, and the operator's word on it. */
export function phrasebookAnswers({ clock }: Ground, rooms: Rooms): PhrasebookAnswers {
  const { database, workspace, phrasebook, snapshots } = rooms;
  const { workspaceId } = workspace;
  const by = operatorActor;
  const onceFor =
    (key: string | undefined, deed: string, wish: object): PhrasebookOnce =>
    (tx, work) =>
      once(tx, { workspaceId, key, deed, wish }, work);
  return {
    phrasebook: async ({ version }) => {
      const now = await phrasebook.inForce();
      const wanted = version === undefined ? now : await phrasebook.at(version);
      const { baseHash: _hash, base: _base, overlay, ...row } = wanted.stored;
      return {
        ...row,
        inForce: wanted.version === now.version,
        overlay: [...overlay],
        entries: wanted.book.entries.map(({ entry, ...at }) => ({ ...entry, ...at })),
      };
    },
    phrasebookHistory: (limit) => phrasebook.history(limit),
    testPhrasebook: async (text) => phrasebook.test(text, await snapshots.forAsk(), clock.now()),
    previewPhrasebook: async ({ overlay, limit = questionsHeld }) => {
      const now = { snapshot: await snapshots.forAsk(), nowMs: clock.now() };
      const { changes, ...counts } = await phrasebook.preview(overlay, { limit, ...now });
      return { ...counts, changes: [...changes] };
    },
    editPhrasebook: async ({ idempotencyKey: key, ...wish }) =>
      phrasebook.edit({ ...wish, by }, onceFor(key, 'phrasebook edit', wish)),
    revertPhrasebook: async ({ idempotencyKey: key, ...wish }) =>
      phrasebook.revert({ ...wish, by }, onceFor(key, 'phrasebook revert', wish)),
    reasonSnapshot: async ({ now }) => {
      const snapshot = (now ? await snapshots.take() : snapshots.latest) ?? null;
      const at = clock.now();
      return {
        snapshot,
        fresh: snapshots.fresh(at) !== null,
        ageMs: snapshot === null ? null : at - Date.parse(snapshot.computed_at),
        placeholders: [...snapshots.paths],
      };
    },
    keptSnapshots: (limit) => keptSnapshots(database, workspaceId, limit),
    keptSnapshot: (snapshotId) => keptSnapshot(database, workspaceId, snapshotId),
  };
}

import { join } from 'node:path';
import type { Configuration } from '../../config/index.ts';
import { stageEvents } from '../seal/stage.ts';
import type { ChainOwner } from '../seal/stage.ts';
import type { Vocabulary } from '../vocabulary.ts';
import { buildAnchors } from './anchor/build.ts';
import { Checkpointer } from './checkpointer.ts';
import type { CheckpointerOptions } from './checkpointer.ts';
import { CheckpointFile } from './file.ts';
import { originOf, readCheckpoint } from './form.ts';
import { openCheckpointKeys } from './keys.ts';

export interface OpenCheckpoints
  extends Pick<
    CheckpointerOptions,
    'database' | 'workspace' | 'clock' | 'stage' | 'onRewound' | 'accepted' | 'onError'
  > {
  readonly owner: ChainOwner;
  readonly vocabulary: Vocabulary;
  /** The home's folder. */
  readonly home: string;
  readonly settings: Configuration['chain'];
  /** The signing key as PEM, where the configuration names one. */
  readonly key: string | undefined;
  /** Whether this home may make a key of its own: only where no other home shares the store. */
  readonly ownKey: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Builds the checkpointer of one home and workspace from its settings. Throws KORA_CHECKPOINT_KEY. */
export async function openCheckpoints(options: OpenCheckpoints): Promise<Checkpointer> {
  const { database, workspace, home, owner, vocabulary, settings, env } = options;
  const { everyEvents, everySeconds, publicKeys } = settings.checkpoint;
  const keys = await openCheckpointKeys({
    directory: join(home, 'keys'),
    workspace,
    configured: options.key,
    publicKeys,
    own: options.ownKey,
  });
  const origin = originOf(workspace);
  const anchors = buildAnchors(settings.anchors, {
    database,
    workspace,
    directory: join(home, 'anchors'),
    env: { ...env },
    parse: (note) => readCheckpoint(note, origin, keys.pinned),
    stage: (tx, workspaceId, drafts) => stageEvents(tx, { ...owner, workspaceId }, vocabulary, drafts),
  });
  return new Checkpointer({
    ...options,
    workspaceId: owner.workspaceId,
    keys,
    anchors,
    file: new CheckpointFile(join(home, 'checkpoints', `${workspace}.log`), origin, keys.pinned),
    everyEvents,
    everyMs: everySeconds * 1_000,
  });
}

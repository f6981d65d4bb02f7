import { chainRewound, draft, openCheckpoints } from './chain/index.ts';
import type { Chain, Checkpointer, Rewinding, Vocabulary } from './chain/index.ts';
import type { Ground } from './ground.ts';
import { addHold, holdAdded, wasCleared } from './state/index.ts';
import type { Database } from './store/index.ts';
import type { Workspace } from './workspace/index.ts';

interface Notary {
  readonly database: Database;
  readonly workspace: Workspace;
  readonly chain: Chain;
  readonly vocabulary: Vocabulary;
}

/** The checkpointer of this runtime; a chain that lost what was signed freezes the workspace. */
export async function checkpointsOf(ground: Ground, notary: Notary): Promise<Checkpointer> {
  const { configuration, clock, home, options, onError, log } = ground;
  const { database, workspace, chain, vocabulary } = notary;
  const checkpoints = await openCheckpoints({
    database,
    owner: chain.owner,
    vocabulary,
    workspace: workspace.name,
    clock,
    home: home.directory,
    settings: configuration.config.chain,
    key: configuration.checkpointKey,
    ownKey: configuration.databaseUrl === undefined,
    env: options.env,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    onRewound: (rewinding) => freeze(notary, rewinding),
    onError,
  });
  if (!checkpoints.status().signs)
    log.warn(`no checkpoint key for workspace ${workspace.name}: events are sealed here, and not signed`);
  return checkpoints;
}

/** Places the hold once; false when somebody resumed from exactly this one. */
async function freeze({ database, workspace, chain }: Notary, rewinding: Rewinding): Promise<boolean> {
  const { workspaceId } = workspace;
  const wish = {
    cause: 'chain',
    owner: `checkpoint:${rewinding.size}:${rewinding.eventHash.toString('hex', 0, 4)}`,
    reason: reasonOf(rewinding),
  } as const;
  return database.transaction(async (tx) => {
    if (await wasCleared(tx, workspaceId, wish)) return false;
    const hold = await addHold(tx, workspaceId, wish);
    if (hold === undefined) return true;
    const { size, headSeq, source, problem } = rewinding;
    const lost = { head_seq: headSeq, checkpoint_size: size, source, problem };
    const held = { hold_id: hold.holdId, hold_cause: hold.cause, owner: hold.owner, reason: hold.reason };
    await chain.stage(tx, [draft(chainRewound, lost), draft(holdAdded, held)]);
    return true;
  });
}

function reasonOf({ size, headSeq, source, problem }: Rewinding): string {
  const what =
    problem === 'behind'
      ? `the chain ends at #${headSeq}, and a signed checkpoint (${source}) says that it had ${size} events`
      : `event #${size} is another than the one a signed checkpoint (${source}) states`;
  return `rewound: ${what}`;
}

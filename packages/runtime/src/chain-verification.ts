import { findingOf, TailVerifier } from './chain/index.ts';
import type { Chain, Checkpointer, Verification } from './chain/index.ts';
import type { Ground } from './ground.ts';
import { placeHold, wasCleared } from './state/index.ts';
import type { Database } from './store/index.ts';
import type { Workspace } from './workspace/index.ts';

interface Watched {
  readonly database: Database;
  readonly workspace: Workspace;
  readonly chain: Chain;
  readonly checkpoints: Checkpointer;
}

/** The verifier that follows the seals of this runtime and others; a chain that does not prove claims nothing new. */
export function verifierOf({ clock, home, onError }: Ground, watched: Watched): TailVerifier {
  const { database, workspace, chain, checkpoints } = watched;
  const verifier = new TailVerifier({
    database,
    workspaceId: workspace.workspaceId,
    verifier: home.runtimeId,
    clock,
    checkpoints: (after) => checkpoints.claims(after),
    onDamage: (found) => freeze(watched, found),
    onError: (error) => onError('verification', error),
  });
  chain.onSealed(() => verifier.sealed());
  return verifier;
}

/** Places the hold once; false when somebody resumed from exactly this finding. */
async function freeze(watched: Watched, found: Verification): Promise<boolean> {
  const { database, workspace, chain, checkpoints } = watched;
  const { workspaceId } = workspace;
  const { firstBadSeq, problem, detail } = found;
  if (problem === 'truncated_tail' || problem === 'rewound') {
    // One cut is one hold: what a signed checkpoint tells already is not told again, nor when people have accepted it.
    await checkpoints.checkpoint('never');
    if (checkpoints.status().rewound !== null) return true;
    if (await rewindingAccepted(watched)) return false;
  }
  const reason = `event #${firstBadSeq} is ${problem}: ${detail}`;
  const wish = { cause: 'chain', owner: findingOf(found), reason } as const;
  return database.transaction(async (tx) => {
    if (await wasCleared(tx, workspaceId, wish)) return false;
    await placeHold(tx, { workspaceId, stage: chain.stage.bind(chain) }, wish);
    return true;
  });
}

/** Whether people resumed from a rewinding that checkpoints found, since this verifier last moved on. */
async function rewindingAccepted({ database, workspace, chain }: Watched): Promise<boolean> {
  const [accepted] = await database.query(
    `select hold_id from kora.hold h join kora.verify_cursor c using (workspace_id)
     where workspace_id = $1 and c.verifier = $2 and cause = 'chain' and starts_with(owner, 'checkpoint:')
       and cleared_at > c.at limit 1`,
    [workspace.workspaceId, chain.owner.runtimeId],
  );
  return accepted !== undefined;
}

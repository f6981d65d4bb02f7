import { chainRewound, draft, openCheckpoints } from './chain/index.ts';
import type { AcceptedRewinding, Chain, Checkpointer, Rewinding, Vocabulary } from './chain/index.ts';
import type { Clock } from './clock/index.ts';
import type { Ground } from './ground.ts';
import { addHold, holdAdded, named, wasCleared } from './state/index.ts';
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
  // A check of the gates reads with the keys that are known, and makes none.
  const isCheck = options.checkOnly === true;
  const checkpoints = await openCheckpoints({
    database,
    owner: chain.owner,
    vocabulary,
    workspace: workspace.name,
    clock,
    home: home.directory,
    settings: configuration.config.chain,
    key: isCheck ? undefined : configuration.checkpointKey,
    ownKey: configuration.databaseUrl === undefined && !isCheck,
    env: options.env,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    onRewound: (rewinding) => freeze({ ...notary, clock }, rewinding),
    accepted: () => accepted(notary),
    onError,
  });
  if (!checkpoints.status().signs && !isCheck)
    log.warn(`no checkpoint key for workspace ${workspace.name}: events are sealed here, and not signed`);
  return checkpoints;
}

/** Places the hold once; false when somebody resumed from exactly this one. */
async function freeze(
  { database, workspace, chain, clock }: Notary & { readonly clock: Clock },
  rewinding: Rewinding,
): Promise<boolean> {
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
    const eventId = clock.uuid();
    const added = { ...draft(holdAdded, held, { causationId: eventId }), ...named(hold.addedEvent) };
    await chain.stage(tx, [{ ...draft(chainRewound, lost), eventId }, added]);
    return true;
  });
}

/** The rewindings that people resumed from. Where the chain then ended is in the event of the hold, unless it was pruned. */
async function accepted({ database, workspace }: Notary): Promise<AcceptedRewinding[]> {
  const rows = await database.query<{ size: number; hash: string; headSeq: number | null }>(
    `select split_part(h.owner, ':', 2)::bigint as size, split_part(h.owner, ':', 3) as hash,
       (select min((b.body::json->>'head_seq')::bigint)
        from kora.event e join kora.event_body b using (workspace_id, seq)
        where e.workspace_id = h.workspace_id and e.type = $2 and b.body::json->>'problem' = 'behind'
          and b.body::json->>'checkpoint_size' = split_part(h.owner, ':', 2)) as "headSeq"
     from kora.hold h
     where h.workspace_id = $1 and h.cause = 'chain' and starts_with(h.owner, 'checkpoint:')
       and h.cleared_at is not null`,
    [workspace.workspaceId, chainRewound.type],
  );
  return rows.map(({ size, hash, headSeq }) => ({ size, hash, headSeq: headSeq ?? undefined }));
}

function reasonOf({ size, headSeq, source, problem }: Rewinding): string {
  const what =
    problem === 'behind'
      ? `the chain ends at #${headSeq}, and a signed checkpoint (${source}) says that it had ${size} events`
      : `event #${size} is another than the one a signed checkpoint (${source}) states`;
  return `rewound: ${what}`;
}

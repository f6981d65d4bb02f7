import type { Ground } from './ground.ts';
import { askPromotion } from './promotion-decisions.ts';
import { historyReads, Promotion } from './promotion/index.ts';
import type { ChangeKindSpec } from './promotion/index.ts';
import type { Rooms } from './rooms.ts';

type Around = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'scheduler' | 'apply' | 'vocabulary'>;

/** The promotion of this workspace: what repeats is proposed, tried, kept or taken back. */
export function promotionOf({ clock, home, onError }: Ground, rooms: Around): Promotion {
  const { database, workspace, chain, scheduler, apply, vocabulary } = rooms;
  const { workspaceId } = workspace;
  return new Promotion({
    database,
    workspaceId,
    runtimeId: home.runtimeId,
    clock,
    reads: historyReads({ database, workspaceId, chain }),
    stage: (tx, drafts) => chain.stage(tx, drafts),
    tell: (tx, message) => apply(tx, { messages: [message] }),
    ask: (tx, asked, message) => askPromotion(rooms, tx, asked, message),
    schedule: (task, pluginName) => scheduler.add(task, { pluginName, daemon: null }),
    runNow: (task, asking) => scheduler.runNow(task, asking),
    blocked: async () => {
      const tasks = await scheduler.list();
      return new Set(tasks.filter(({ lastOutcome }) => lastOutcome === 'blocked').map(({ name }) => name));
    },
    scrub: (text) => vocabulary.text(text),
    onError,
  });
}

/** What was learned is acted by before anything is asked; a check of the gates asks nothing and changes nothing. */
export async function openPromotion(
  { options, scope }: Ground,
  { promotion }: Pick<Rooms, 'promotion'>,
  kinds: readonly ChangeKindSpec[],
): Promise<void> {
  if (options.checkOnly === true) return;
  await promotion.open(scope);
  for (const kind of kinds) await promotion.registerKind(kind, 'kora');
}

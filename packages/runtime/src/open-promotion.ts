import type { Ground } from './ground.ts';
import { Promotion } from './promotion/index.ts';
import type { HistoryReads } from './promotion/index.ts';
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
    reads: noReads,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    tell: (tx, message) => apply(tx, { messages: [message] }),
    ask: (tx, _asked, message) => apply(tx, { messages: [message] }),
    schedule: (task, pluginName) => scheduler.add(task, { pluginName, daemon: null }),
    runNow: (task, asking) => scheduler.runNow(task, asking),
    scrub: (text) => vocabulary.text(text),
    onError,
  });
}

const none = async (): Promise<{ readonly rows: readonly never[]; readonly next: null }> => ({
  rows: [],
  next: null,
});
const noReads: HistoryReads = {
  questions: none,
  toolCalls: none,
  incidents: none,
  attempts: none,
  events: none,
};

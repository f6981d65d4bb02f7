import type { Ground } from './ground.ts';
import { resolveIdentity } from './identity-answers.ts';
import { Reason } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { findTicket } from './ticket/index.ts';
import type { EventDraft } from './chain/index.ts';
import type { Transaction } from './store/index.ts';

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'holder' | 'admission' | 'spend' | 'identities' | 'vocabulary' | 'worker'
> & { readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void> };

/** Thinking in this workspace. What it uses of rooms beside it, they set into its ports themselves. */
export async function openReason(ground: Ground, around: Around): Promise<Reason> {
  const { clock, home, configuration, scope, options, onError } = ground;
  const { database, workspace, holder, vocabulary, worker } = around;
  const { workspaceId } = workspace;
  const reason = new Reason({
    ...around,
    workspaceId,
    runtimeId: home.runtimeId,
    clock,
    scrub: (text) => vocabulary.text(text),
    sayable: (text) => vocabulary.sayable(text),
    primaryState: () => holder.state.primaryState,
    identity: () => resolveIdentity(ground, around),
    holdsClaim: (claim) => worker.holds(claim),
    ticketOf: (ticketId) => findTicket(database, workspaceId, ticketId),
    chosenEngine: configuration.config.reason.engine,
    onError,
  });
  if (options.checkOnly !== true) await reason.recover();
  scope.add('reason', () => reason.close());
  return reason;
}

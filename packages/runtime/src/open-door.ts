import { Admission, RefusalBook } from './admission/index.ts';
import type { AdmissionOptions } from './admission/index.ts';
import { capabilitiesOf } from './capability-answers.ts';
import type { EventDraft } from './chain/index.ts';
import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import { budgetPort } from './spend/index.ts';
import { spendOf } from './spend-answers.ts';
import type { PaidWork } from './ticket-state.ts';
import type { Transaction } from './store/index.ts';

interface Foundation extends Pick<Rooms, 'database' | 'workspace' | 'chain'> {
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Tickets that pay. */
  readonly paid: PaidWork;
}

/** What the door asks of rooms above it. They are built on it, so they are asked for when they are needed. */
interface Above extends Required<Pick<AdmissionOptions, 'state' | 'locked' | 'holdsClaim'>> {
  readonly apply: () => Rooms['apply'];
}

/** The one door, with the budget and the capabilities it asks and the book of what it refused. */
export async function openDoor(
  ground: Ground,
  { database, workspace, chain, stage, paid }: Foundation,
  { state, locked, holdsClaim, apply }: Above,
): Promise<Pick<Rooms, 'admission' | 'capabilities' | 'spend'>> {
  const { clock, home, onError, scope } = ground;
  const { workspaceId } = workspace;
  const { runtimeId } = home;
  const refused = new RefusalBook({ database, workspaceId, runtimeId, clock, stage, onError });
  scope.child('refusals').run(
    'book',
    (signal) => refused.run(signal),
    (error) => onError('refusals', error),
  );
  const foundation = { database, workspace, chain };
  const capabilities = await capabilitiesOf(ground, { ...foundation, apply }, scope.child('capabilities'));
  const spend = await spendOf(ground, { ...foundation, paid }, scope.child('spend'));
  const admission = new Admission({
    state,
    locked,
    holdsClaim,
    budget: budgetPort(spend),
    capabilities,
    refused,
    onError,
  });
  return { admission, capabilities, spend };
}

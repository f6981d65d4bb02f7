import type { Admission } from '../admission/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { OutboundMessage } from './contract.ts';
import type { QuietHours } from './quiet.ts';

/** How much of what is told when. */
export interface DeliveryPolicy {
  readonly quietHours?: QuietHours | undefined;
  /** Messages that a channel outside is given in a minute; what is critical is given at once. */
  readonly perMinute: number;
  /** What waited longer is told of by its newest state. */
  readonly staleMs: number;
  /** More threads than that, after so long, are one message. */
  readonly burst: number;
}

export const defaultPolicy: DeliveryPolicy = { perMinute: 60, staleMs: 600_000, burst: 5 };

export interface DeliveryOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
  readonly policy?: DeliveryPolicy;
}

/** A channel whose receiving end is the store itself: its write joins the transaction that marks the delivery. */
export interface StoreChannel {
  readonly name: string;
  receive(tx: Transaction, message: OutboundMessage): Promise<{ readonly receipt: string }>;
}

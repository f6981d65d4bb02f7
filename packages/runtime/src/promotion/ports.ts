import type { NewMessage } from './contract.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import type {
  HistoryLook,
  HistoryPage,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
} from './contract.ts';

/** The stretch of history that a look covers. */
export type HistoryWindow = Omit<HistoryLook, 'lookId'>;

export interface PageQuery {
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** 1 to 5 000; default 1 000. */
  readonly limit?: number | undefined;
}

/** Reads the past by window; who may look where is decided before. */
export interface HistoryReads {
  questions(
    window: HistoryWindow,
    page: PageQuery & {
      readonly with?: 'snapshot' | undefined;
      readonly runs?: readonly string[] | undefined;
    },
  ): Promise<HistoryPage<PastQuestion>>;
  toolCalls(window: HistoryWindow, page: PageQuery): Promise<HistoryPage<PastToolCall>>;
  incidents(window: HistoryWindow, page: PageQuery): Promise<HistoryPage<PastIncident>>;
  attempts(window: HistoryWindow, page: PageQuery): Promise<HistoryPage<PastAttempt>>;
  events(
    window: HistoryWindow,
    page: PageQuery & { readonly types: readonly string[]; readonly splitBy?: string | undefined },
  ): Promise<HistoryPage<PastEvent>>;
}

/** What the operator is asked about. */
export interface AskedProposal {
  readonly id: number;
  readonly revision: number;
  readonly digest: string;
  readonly title: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What promotion needs of the rooms beside it. */
export interface PromotionPorts {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly reads: HistoryReads;
  stage(tx: Transaction, drafts: readonly EventDraft[]): Promise<void>;
  tell(tx: Transaction, message: NewMessage): Promise<void>;
  /** As `tell`, with the question it asks: approving it names exactly this content. */
  ask(tx: Transaction, asked: AskedProposal, message: NewMessage): Promise<void>;
  schedule(task: PeriodicTaskSpec, pluginName: string): Promise<() => Promise<void>>;
  /** Runs a scheduled task now. Throws KORA_TASK_UNKNOWN, KORA_ADMISSION_DENIED, KORA_TASK_BUSY. */
  runNow(task: string, asking?: { readonly by: string; readonly reason: string }): Promise<unknown>;
  /** The tasks that were due last while nothing could act, so that they did not run. */
  blocked(): Promise<ReadonlySet<string>>;
  readonly scrub: (text: string) => string;
  readonly onError: (where: string, error: unknown) => void;
}

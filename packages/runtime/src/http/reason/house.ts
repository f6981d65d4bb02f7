import type { z } from 'zod';
import type {
  askSchema,
  cancelledSchema,
  conversationDetailSchema,
  conversationSchema,
  enginesSchema,
  liveSignSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from './contract.ts';

export type AskRequest = z.infer<typeof askSchema>;
export type AnswerView = z.infer<typeof reasonAnswerSchema>;
export type RunView = z.infer<typeof reasonRunSchema>;
export type RunDetailView = z.infer<typeof reasonRunDetailSchema>;
export type ReplayView = z.infer<typeof reasonReplaySchema>;
export type EnginesView = z.infer<typeof enginesSchema>;
export type ConversationView = z.infer<typeof conversationSchema>;
export type ConversationDetailView = z.infer<typeof conversationDetailSchema>;
export type LiveSignView = z.infer<typeof liveSignSchema>;
export type CancelledView = z.infer<typeof cancelledSchema>;

/** The API's questions to whoever thinks, and about it. */
export interface ReasonHouse {
  /** Given up when the signal aborts: whoever asked has left. */
  ask(request: AskRequest, signal: AbortSignal): Promise<AnswerView>;
  /** Newest first. */
  runs(query: RunsRequest): Promise<RunView[]>;
  /** Throws KORA_NOT_FOUND. */
  run(runId: string): Promise<RunDetailView>;
  /** Decides it again from its record, without asking a model. Throws KORA_NOT_FOUND. */
  replayRun(runId: string): Promise<ReplayView>;
  /** Ends a run of this runtime; false where it does not run here. */
  cancelRun(runId: string, reason: string): Promise<CancelledView>;
  engines(): EnginesView;
  conversations(limit: number): Promise<ConversationView[]>;
  /** Throws KORA_NOT_FOUND. */
  conversation(conversationId: number, limit: number): Promise<ConversationDetailView>;
  /** Hears of runs while they go on. */
  onRunSign(listener: (sign: LiveSignView) => void): Disposable;
}

export interface RunsRequest {
  readonly ticketId?: number | undefined;
  readonly conversationId?: number | undefined;
  readonly status?: RunView['status'] | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

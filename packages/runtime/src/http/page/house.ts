import type { z } from 'zod';
import type { lanePageSchema } from '../ticket/contract.ts';
import type * as shape from './contract.ts';
import type { messageStorySchema } from './message-contract.ts';

type Of<Schema extends z.ZodType> = z.infer<Schema>;

export interface WakesQuery {
  readonly probe?: string | undefined;
  /** Only the wake that this ticket looks into. */
  readonly ticket?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export interface LogQuery {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** ISO 8601: only what was written from then on, and until then. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
  /** This level and what is worse. */
  readonly level?: Of<typeof shape.logLineSchema>['level'] | undefined;
  readonly logger?: string | undefined;
  readonly q?: string | undefined;
}

export interface MessageLogQuery {
  readonly channel?: string | undefined;
  readonly direction?: 'in' | 'out' | undefined;
  readonly status?: string | undefined;
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
}

/** What only the server that answers knows of itself. */
export interface Streaming {
  readonly streams: number;
  /** Milliseconds from hearing of a seal to its frames being written; null while nobody reads. */
  readonly eventLagMs: number | null;
  readonly policyReports: Of<typeof shape.diagnosticsSchema>['policyReports'];
}

/** The page's own questions. */
export interface PageHouse {
  readonly page: {
    stopPreview(level: number): Promise<Of<typeof shape.stopPreviewSchema>>;
    resumePreview(): Promise<Of<typeof shape.resumePreviewSchema>>;
    transitions(query: {
      readonly since?: string | undefined;
      readonly before?: number | undefined;
      readonly limit?: number | undefined;
    }): Promise<Of<typeof shape.stateTransitionSchema>[]>;
    lane(query: Of<typeof shape.laneQuerySchema>): Promise<Of<typeof lanePageSchema>>;
    deedMany(wish: Of<typeof shape.ticketDeedsSchema>): Promise<Of<typeof shape.manyTicketsSchema>>;
    taskRuns(limit: number): Promise<Of<typeof shape.taskRunsSchema>>;
    laneHistory(): Promise<Of<typeof shape.laneHistorySchema>>;
    attention(): Promise<Of<typeof shape.attentionSchema>>;
    /** Throws KORA_TASK_UNKNOWN. */
    pauseTask(name: string, reason: string): Promise<Of<typeof shape.taskPausedSchema>>;
    resumeTask(name: string, reason: string): Promise<Of<typeof shape.taskPausedSchema>>;
    probeStrips(looks: number): Promise<Of<typeof shape.probeStripsSchema>>;
    wakes(query: WakesQuery): Promise<Of<typeof shape.wakeSchema>[]>;
    /** Throws KORA_NOT_FOUND. */
    wake(wakeId: string): Promise<Of<typeof shape.wakeSchema>>;
    spendDays(days: number): Promise<Of<typeof shape.spendDaySchema>[]>;
    chainStanding(): Promise<Of<typeof shape.chainStandingSchema>>;
    chainBytes(range: {
      readonly from: number;
      readonly to: number;
    }): Promise<Of<typeof shape.chainBytesSchema>>;
    logs(query: LogQuery): Promise<Of<typeof shape.logPageSchema>>;
    /** What was written behind a place of the log, as far as `mostBytes` reach, and the place behind it. */
    logNews(after: number | undefined): Promise<LogNews>;
    diagnostics(streaming: Streaming): Promise<Of<typeof shape.diagnosticsSchema>>;
    messageLog(query: MessageLogQuery): Promise<Of<typeof shape.messageLogSchema>>;
    /** Throws KORA_NOT_FOUND. */
    message(id: string): Promise<Of<typeof messageStorySchema>>;
  };
}

export interface LogNews extends Of<typeof shape.logNewsSchema> {
  /** Where the next news begin. */
  readonly place: number;
}

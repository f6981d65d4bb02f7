import type { z } from 'zod';
import type * as shape from './contract.ts';

/** Who asks, once the guard has read its token. */
export interface WorkerCaller {
  readonly workerTokenId: number;
  readonly name: string;
  readonly actorId: string;
  readonly kinds: readonly string[];
}

/** A wish of a worker about a claim it was given. Throws KORA_TICKET_STALE_FENCE when it is not held any more. */
type About<Body extends z.ZodType, Answer extends z.ZodType> = (
  caller: WorkerCaller,
  wish: z.infer<Body>,
) => Promise<z.infer<Answer>>;

/** What workers in other processes ask, and what the operator asks about them. */
export interface WorkerDesk {
  /** Whose token it is. Throws KORA_AUTH_MISSING, in the same words for every token that is not good. */
  caller(token: string): Promise<WorkerCaller>;
  tokens(query: { readonly all?: boolean | undefined }): Promise<z.infer<typeof shape.workerTokenSchema>[]>;
  issue(
    wish: z.infer<typeof shape.newWorkerTokenSchema>,
  ): Promise<z.infer<typeof shape.workerTokenMadeSchema>>;
  revoke(workerTokenId: number, reason: string): Promise<z.infer<typeof shape.workerTokenSchema>>;
  readonly claim: About<typeof shape.workerClaimSchema, typeof shape.workerClaimedSchema>;
  readonly refresh: About<typeof shape.workerRefreshSchema, typeof shape.workerRefreshedSchema>;
  readonly progress: About<typeof shape.workerProgressSchema, typeof shape.workerProgressedSchema>;
  readonly note: About<typeof shape.workerNoteSchema, typeof shape.workerToldSchema>;
  readonly event: About<typeof shape.workerEventSchema, typeof shape.workerToldSchema>;
  readonly operation: About<typeof shape.workerOperationSchema, typeof shape.workerOperatedSchema>;
  readonly release: About<typeof shape.workerReleaseSchema, typeof shape.workerEndedSchema>;
  readonly resolve: About<typeof shape.workerResolveSchema, typeof shape.workerEndedSchema>;
}

export interface WorkerHouse {
  readonly workers: WorkerDesk;
}

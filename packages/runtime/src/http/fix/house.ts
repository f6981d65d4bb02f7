import type { z } from 'zod';
import type {
  fixAttemptSchema,
  fixesSchema,
  fixQuestionSchema,
  fixRehearsalSchema,
  fixWishSchema,
} from './contract.ts';

/** The API's questions about what may be mended, and what was. */
export interface FixHouse {
  fixes(query: {
    readonly incident?: number | undefined;
    readonly limit?: number | undefined;
  }): Promise<z.infer<typeof fixesSchema>>;
  fixAttempt(attemptId: number): Promise<z.infer<typeof fixAttemptSchema>>;
  rehearseFix(question: z.infer<typeof fixQuestionSchema>): Promise<z.infer<typeof fixRehearsalSchema>>;
  tryFix(wish: z.infer<typeof fixWishSchema>): Promise<z.infer<typeof fixAttemptSchema>>;
}

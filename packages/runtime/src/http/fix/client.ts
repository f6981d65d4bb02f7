import type { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import { fixAttemptSchema, fixesSchema, fixRehearsalSchema } from './contract.ts';
import type { fixQuestionSchema, fixWishSchema } from './contract.ts';

/** The part of the typed API that tells of fixes, and asks for one. */
export function fixClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    fixes: (query: { readonly incident?: number; readonly limit?: number } = {}) =>
      read('/api/fixes', fixesSchema, { incident: query.incident, limit: query.limit }),
    fixAttempt: (attemptId: number) => read(`/api/fixes/attempts/${attemptId}`, fixAttemptSchema),
    rehearseFix: (question: z.input<typeof fixQuestionSchema>) =>
      write('/api/fixes/rehearse', fixRehearsalSchema, question),
    tryFix: (wish: z.input<typeof fixWishSchema>) => write('/api/fixes/try', fixAttemptSchema, wish),
  };
}

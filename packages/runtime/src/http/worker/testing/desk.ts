import type { z } from 'zod';
import { workerTokenMissing } from '../caller.ts';
import * as shape from '../contract.ts';
import type { WorkerDesk } from '../house.ts';

/** The one token that the scripted desk knows. */
export const workerToken: string = `kora_worker_1_${'s'.repeat(43)}`;

/** A desk that answers a sample to every worker that shows its token. */
export function scriptedWorkers(
  sample: <T extends z.ZodType>(schema: T) => z.infer<T>,
  says: <T>(name: string, answer: T) => (...args: unknown[]) => Promise<T>,
): WorkerDesk {
  return {
    caller: (token) =>
      token === workerToken
        ? Promise.resolve({ workerTokenId: 1, name: 'mail', actorId: 'worker:mail', kinds: ['mail'] })
        : Promise.reject(workerTokenMissing()),
    tokens: says('workers.tokens', [sample(shape.workerTokenSchema)]),
    issue: says('workers.issue', sample(shape.workerTokenMadeSchema)),
    revoke: says('workers.revoke', sample(shape.workerTokenSchema)),
    claim: says('workers.claim', sample(shape.workerClaimedSchema)),
    refresh: says('workers.refresh', sample(shape.workerRefreshedSchema)),
    progress: says('workers.progress', sample(shape.workerProgressedSchema)),
    note: says('workers.note', sample(shape.workerToldSchema)),
    event: says('workers.event', sample(shape.workerToldSchema)),
    operation: says('workers.operation', sample(shape.workerOperatedSchema)),
    release: says('workers.release', sample(shape.workerEndedSchema)),
    resolve: says('workers.resolve', sample(shape.workerEndedSchema)),
  };
}

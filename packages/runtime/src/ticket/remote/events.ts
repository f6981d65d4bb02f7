import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const granted = classified({
  public: {
    worker_token: z.number(),
    worker: z.string(),
    kinds: z.array(z.string()),
    expires_at: z.string(),
  },
  internal: { reason: z.string() },
});
export const workerGranted: EventType<z.infer<typeof granted>> = eventType(
  'kora.worker.granted',
  'The operator made a token with which a process of that name may work tickets of these kinds.',
  granted,
);

const revoked = classified({
  public: { worker_token: z.number(), worker: z.string() },
  internal: { reason: z.string() },
});
export const workerRevoked: EventType<z.infer<typeof revoked>> = eventType(
  'kora.worker.revoked',
  'The operator took a worker’s token back; what was held under it is claimable again.',
  revoked,
);

const said = classified({
  public: { ticket: z.number(), fence: z.number(), worker: z.string() },
  internal: { name: z.string(), data: z.record(z.string(), z.unknown()) },
});
export const workerSaid: EventType<z.infer<typeof said>> = eventType(
  'sea_ticket.worker_event',
  'A worker in another process told this of the ticket it held.',
  said,
);

export const remoteEvents: readonly EventType[] = [workerGranted, workerRevoked, workerSaid];

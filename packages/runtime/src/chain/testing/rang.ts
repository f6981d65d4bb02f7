import { z } from 'zod';
import type { EventType } from '../contract.ts';
import { eventType } from '../vocabulary.ts';

/** Not lost with the store away. */
export const rang: EventType<{ n: number }> = eventType(
  'test.rang',
  'A bell was rung.',
  z.object({ n: z.number() }),
  { loud: true },
);

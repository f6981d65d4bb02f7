import { z } from 'zod';
import type { EventType } from '../contract.ts';
import { eventType } from '../vocabulary.ts';

/** What the appending processes raise: `process/lane/n`. */
export const appended: EventType<{ key: string }> = eventType(
  'test.appended',
  'A test appended it.',
  z.object({ key: z.string() }),
);

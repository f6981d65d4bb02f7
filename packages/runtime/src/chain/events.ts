import { z } from 'zod';
import type { EventType } from './contract.ts';
import { eventType } from './vocabulary.ts';

export const vocabularyViolation: EventType<{ type: string; number: number; reason: string }> = eventType(
  'kora.vocabulary.violation',
  'A staged row of a type that nobody declared was put into quarantine; this stands in its place.',
  z.object({ type: z.string(), number: z.number(), reason: z.string() }),
);

export const eventParked: EventType<{ consumer: string; seq: number; error: string; attempts: number }> =
  eventType(
    'kora.subscription.event_parked',
    'A consumer failed on one event five times; the event waits for people and the stream goes on.',
    z.object({ consumer: z.string(), seq: z.number(), error: z.string(), attempts: z.number() }),
  );

export const chainEvents: readonly EventType[] = [vocabularyViolation, eventParked];

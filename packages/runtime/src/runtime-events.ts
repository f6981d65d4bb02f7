import { z } from 'zod';
import { eventType } from './chain/index.ts';
import type { EventType } from './chain/index.ts';

const stopping = z.object({ reason: z.string() });
export const runtimeStopping: EventType<z.infer<typeof stopping>> = eventType(
  'kora.runtime.stopping',
  'An orderly end began: nothing new is claimed, what is held finishes or is given back.',
  stopping,
);

export const runtimeEvents: readonly EventType[] = [runtimeStopping];

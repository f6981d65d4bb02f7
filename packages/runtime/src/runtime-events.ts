import { z } from 'zod';
import { classified, eventType } from './chain/index.ts';
import type { EventType } from './chain/index.ts';

const stopping = classified({ internal: { reason: z.string() } });
export const runtimeStopping: EventType<z.infer<typeof stopping>> = eventType(
  'kora.runtime.stopping',
  'An orderly end began: nothing new is claimed, what is held finishes or is given back.',
  stopping,
  { loud: true },
);

export const runtimeEvents: readonly EventType[] = [runtimeStopping];

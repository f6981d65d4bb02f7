import { eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { alertWakePayload, alertWakeRequested } from './contract.ts';
import type { AlertWakePayload } from './contract.ts';

/** Raised once for each alert that belongs to no incident and is worth an investigation; plugins react to it. */
export const alertWake: EventType<AlertWakePayload> = eventType(
  alertWakeRequested,
  'An alert that belongs to no incident began; somebody should find out why.',
  alertWakePayload,
);

import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';

/** The part of the typed API that is about incidents. */
export function incidentClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (incidentId: number, verb = ''): string =>
    `/api/incidents/${encodeURIComponent(String(incidentId))}${verb}`;
  const entries = z.array(shape.incidentEntrySchema);
  return {
    incident: (incidentId: number) => read(path(incidentId), shape.incidentSchema),
    incidentTimeline: (incidentId: number) => read(path(incidentId, '/timeline'), entries),
    incidentStory: (incidentId: number) =>
      read(path(incidentId, '/story'), z.array(shape.incidentStorySchema)),
    /** With `forMs` nothing but its end is told for so long. */
    acknowledgeIncident: (incidentId: number, reason: string, forMs?: number) =>
      write(path(incidentId, '/ack'), shape.incidentSchema, {
        reason,
        ...(forMs === undefined ? {} : { forMs }),
      }),
    silenceIncident: (incidentId: number, reason: string, forMs: number) =>
      write(path(incidentId, '/silence'), shape.incidentSchema, { reason, forMs }),
    noteIncident: (incidentId: number, note: string) =>
      write(path(incidentId, '/note'), entries, { reason: note }),
  };
}

import { classified } from '@kora/runtime/plugin';
import type { EventType } from '@kora/runtime/plugin';
import { z } from 'zod';

export const outcomes = ['open', 'recovered', 'incident_unknown'] as const;

export interface InvestigationCompleted {
  readonly wake_id: string;
  readonly incident_id: number;
  readonly probe: string;
  /** How the incident stood when its facts were told. */
  readonly outcome: (typeof outcomes)[number];
  /** How many facts were found. */
  readonly facts: number;
}

export const investigationCompleted: EventType<InvestigationCompleted> = {
  type: 'probe.investigation_completed',
  version: 1,
  payload: classified({
    public: {
      wake_id: z.string(),
      incident_id: z.number().int(),
      probe: z.string(),
      outcome: z.enum(outcomes),
      facts: z.number().int().min(0),
    },
  }).strict(),
  means: 'The facts behind a wake were gathered by rule and told in the thread of its incident.',
};

import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { fixModes, fixOutcomes } from './contract.ts';

const state = z.record(z.string(), z.unknown()).nullable();

const autofix = classified({
  public: {
    attempt: z.number(),
    probe: z.string(),
    fix: z.string(),
    capability: z.string(),
    mode: z.enum(fixModes),
    incident_id: z.number().nullable(),
    wake_id: z.string().nullable(),
    asked_by: z.string(),
    /** The run of whoever thought of it. */
    session: z.string().nullable(),
    /** The proposal whose change of the envelope it was made under. */
    learned_proposal: z.number().nullable().optional(),
    learned_revision: z.number().nullable().optional(),
    outcome: z.enum(fixOutcomes),
    code: z.string().nullable(),
    approval: z.string().nullable(),
    /** Null for what was refused. */
    began_at: z.string().nullable(),
    /** From its beginning; 0 for what was refused. */
    duration_ms: z.number(),
  },
  internal: {
    target: z.string(),
    reason: z.string(),
    detail: z.string().nullable(),
    /** Each with what was seen. */
    conditions: z.array(z.string()),
    before: state,
    after: state,
  },
});
export const autofixAttempted: EventType<z.infer<typeof autofix>> = eventType(
  'tool.probe_autofix_attempted',
  'A fix envelope was asked to mend a target; whatever came of it, refusals included.',
  autofix,
);

export const fixEvents: readonly EventType[] = [autofixAttempted];

import { classified } from '@kora/runtime/plugin';
import type { EventType } from '@kora/runtime/plugin';
import { z } from 'zod';
import { causeClasses } from './scene/contract.ts';
import type { CauseClass } from './scene/contract.ts';

/**
 * How the incident stood, or why its wake has no investigation of its own: the operator wants it quiet, there was one a
 * moment ago, it is part of a storm, it comes of Kora's own fix, it is the daily canary.
 */
export const outcomes = [
  'open',
  'recovered',
  'incident_unknown',
  'silenced',
  'debounced',
  'folded',
  'own_fix',
  'canary',
] as const;
export type InvestigationOutcome = (typeof outcomes)[number];

/** Who found the cause: rules, whoever thinks, or nobody. */
export const rungs = ['rules', 'model', 'none'] as const;
export type InvestigationRung = (typeof rungs)[number];

export interface InvestigationCompleted {
  readonly wake_id: string;
  readonly incident_id: number;
  readonly probe: string;
  readonly outcome: InvestigationOutcome;
  /** How many facts were found. */
  readonly facts: number;
  readonly rung: InvestigationRung;
  /** Why nobody who thinks could say, in the code that the operator was told; null when nobody had to be asked. */
  readonly code: string | null;
  readonly cause: CauseClass | null;
  /** 0 to 1; null where no cause was named. */
  readonly confidence: number | null;
  /** The incident whose investigation covers this one. */
  readonly folded_into: number | null;
  readonly run_id: string | null;
  readonly calls: number;
  readonly tokens: number;
  readonly cost_micro_usd: number;
  readonly duration_ms: number;
  /** Where the cause lies. */
  readonly entities: readonly string[];
  readonly summary: string;
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
      rung: z.enum(rungs),
      code: z.string().nullable(),
      cause: z.enum(causeClasses).nullable(),
      confidence: z.number().min(0).max(1).nullable(),
      folded_into: z.number().int().nullable(),
      run_id: z.string().nullable(),
      calls: z.number().int().min(0),
      tokens: z.number().int().min(0),
      cost_micro_usd: z.number().int().min(0),
      duration_ms: z.number().min(0),
    },
    internal: { entities: z.array(z.string()), summary: z.string() },
  }).strict(),
  means:
    'A wake came to its end: what was found was told in its thread, or why it has no investigation of its own.',
};

/** The payload of a wake's end, with nothing found unless it is said. */
export function completedOf(
  wake: { readonly wakeId: string; readonly incidentId: number; readonly probe: string },
  given: Partial<InvestigationCompleted> & Pick<InvestigationCompleted, 'outcome' | 'summary'>,
): InvestigationCompleted {
  return {
    wake_id: wake.wakeId,
    incident_id: wake.incidentId,
    probe: wake.probe,
    facts: 0,
    rung: 'none',
    code: null,
    cause: null,
    confidence: null,
    folded_into: null,
    run_id: null,
    calls: 0,
    tokens: 0,
    cost_micro_usd: 0,
    duration_ms: 0,
    entities: [],
    ...given,
  };
}

const canary = classified({
  public: {
    canary_id: z.string(),
    /** Milliseconds from its beginning to each stage; null for one that was not reached. */
    noticed_ms: z.number().nullable(),
    told_ms: z.number().nullable(),
    investigated_ms: z.number().nullable(),
    over_ms: z.number().nullable(),
  },
});
export type CanaryTimes = z.infer<typeof canary>;

export const canaryStarted: EventType<{ readonly canary_id: string }> = {
  type: 'probe.canary_started',
  version: 1,
  payload: classified({ public: { canary_id: z.string() } }).strict(),
  means: 'The daily synthetic fault began its way from probe to operator and back.',
};

export const canaryPutOff: EventType<{ readonly canary_id: string }> = {
  type: 'probe.canary_put_off',
  version: 1,
  payload: classified({ public: { canary_id: z.string() } }).strict(),
  means: 'The daily synthetic fault waits for the end of quiet hours, in which its messages would wait.',
};

export const canaryCompleted: EventType<CanaryTimes> = {
  type: 'probe.canary_completed',
  version: 1,
  payload: canary.strict(),
  means: 'The synthetic fault was noticed, told, investigated and told to be over.',
};

const missed = classified({ public: { canary_id: z.string().nullable(), stage: z.string() } });
export const canaryMissed: EventType<z.infer<typeof missed>> = {
  type: 'probe.canary_missed',
  version: 1,
  payload: missed.strict(),
  means: 'The synthetic fault did not come through, or did not set out: the operator was alarmed.',
};

export const ownEvents: readonly EventType[] = [
  investigationCompleted,
  canaryStarted,
  canaryPutOff,
  canaryCompleted,
  canaryMissed,
];

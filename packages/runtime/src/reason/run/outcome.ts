import { z } from 'zod';
import { modelTiers, reasonErrors } from '../contract.ts';
import type { EngineAnswer, LearnedUse, ReasonAnswer, ReasonError } from '../contract.ts';
import type { RunEnd } from './live-run.ts';
import { errorOfRefusal } from './refusal.ts';

const claim = z.object({
  text: z.string().max(10_000),
  evidence: z.array(z.string().min(1).max(500)).max(200),
});

/** What of its own was learned, as an engine names it. */
export const learnedShape: z.ZodType<LearnedUse> = z.object({
  kind: z.string().max(100),
  key: z.string().max(300),
  revision: z.int().min(1),
  as: z.enum(['used', 'compared']),
  wouldHave: z.string().max(2_000).nullable(),
});

/** What an engine may answer; it comes from a plugin, and perhaps from another process. */
export const engineAnswerShape: z.ZodType<EngineAnswer> = z.object({
  status: z.enum(['answered', 'incomplete', 'failed']),
  text: z.string().max(1_000_000),
  error: z.enum(reasonErrors).optional(),
  model: z.string().max(200).optional(),
  tier: z.enum(modelTiers).optional(),
  routing: z.string().max(200).optional(),
  promptVersion: z.string().max(200).optional(),
  dropped: z.array(z.string().max(500)).max(100).optional(),
  claims: z.array(claim).max(200).optional(),
  confidence: z.number().optional(),
  learned: z.array(learnedShape).max(20).optional(),
}) as z.ZodType<EngineAnswer>;

/** How a run went, as the runtime saw it. */
export interface RunCourse {
  /** Undefined: it threw, died, did not come to an end, or said something else. */
  readonly answer: EngineAnswer | undefined;
  /** What the runtime ended it for. */
  readonly end: RunEnd | undefined;
  /** Why the door refused a model call, the last time it did. */
  readonly refused: ReasonAnswer['refusal'];
  readonly calls: number;
  /** What was streamed. */
  readonly said: string;
  /** It answered, and not in a form that can be read. */
  readonly isUnreadable: boolean;
}

export interface Outcome {
  readonly status: ReasonAnswer['status'];
  readonly error: ReasonError | null;
  readonly text: string;
  /** The door's word, where it was the door. */
  readonly refusal?: ReasonAnswer['refusal'];
}

/**
 * What a run comes to. Whole is only what its engine calls whole and nothing cut off; a text that was cut off is
 * incomplete; a run in which nothing was sent because the state or the money forbade it was refused.
 */
export function outcomeOf(course: RunCourse): Outcome {
  const { answer, end, said } = course;
  const whole = answer?.status === 'answered' && end === undefined ? answer.text : '';
  if (whole.trim() !== '') return { status: 'answered', error: null, text: whole };
  const { error, refusal } = errorOf(course);
  const because = refusal === undefined ? {} : { refusal };
  const text = answer?.status === 'failed' ? answer.text : answer?.text || said;
  if (answer?.status !== 'failed' && text.trim() !== '')
    return { status: 'incomplete', error, text, ...because };
  const isRefused = course.calls === 0 && /^(operational_state|cost)_/.test(error);
  return { status: isRefused ? 'refused' : 'failed', error, text, ...because };
}

function errorOf({ answer, end, refused, isUnreadable }: RunCourse): {
  readonly error: ReasonError;
  readonly refusal?: ReasonAnswer['refusal'];
} {
  if (end !== undefined) return { error: end.error };
  const named = answer?.error;
  // The engine was told the cause in the door's words; which code that is, is not its to choose.
  const isOfDoor = named === undefined || /^(operational_state|cost)_/.test(named);
  if (refused !== undefined && isOfDoor) return { error: errorOfRefusal(refused.cause), refusal: refused };
  if (named !== undefined) return { error: named };
  if (isUnreadable || answer?.status === 'answered') return { error: 'projection_failed' };
  return { error: answer?.status === 'incomplete' ? 'tool_iterations_exceeded' : 'engine_unavailable' };
}

import type { LearnedUse, PastQuestion } from '@kora/runtime/plugin';
import { momentOf } from './past.ts';

/** One question as a test says it; the rest is ordinary. */
export type Said = Partial<Omit<PastQuestion, 'text' | 'answer'>> & {
  readonly text: string;
  readonly answer: string;
};

/** Questions that an engine answered, spread evenly over days from the first of October. */
export function questionsOf(
  said: readonly Said[],
  { fromDay = 0, days = 30 }: { readonly fromDay?: number; readonly days?: number } = {},
): readonly PastQuestion[] {
  return said.map((one, at) => ({
    runId: `01RUN${fromDay}X${String(at).padStart(8, '0')}`,
    at: momentOf(fromDay + (days * at) / said.length),
    route: 'slack_dm',
    status: 'answered',
    by: 'engine',
    error: null,
    model: 'small',
    tier: 'small',
    routing: null,
    calls: 1,
    costMicroUsd: 2_000,
    durationMs: 3_000,
    tools: [],
    advertised: null,
    untrusted: false,
    learned: [],
    snapshot: null,
    ...one,
  }));
}

/** The snapshot of a moment, in the shape that the phrasebook reads. */
export function snapshotAt(
  day: number,
  sections: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Readonly<Record<string, unknown>> {
  const at = momentOf(day);
  const dated: Record<string, unknown> = {};
  for (const [name, fields] of Object.entries(sections)) dated[name] = { as_of: at, ...fields };
  return { schema_version: 5, computed_at: at, runtime_id: 'r1', ...dated };
}

export function learnedPhrase(key: string, as: LearnedUse['as'], wouldHave: string | null): LearnedUse {
  return { kind: 'phrasebook.entry', key, revision: 1, as, wouldHave };
}

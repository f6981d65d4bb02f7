import type { Examination, HistoryLook, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { percent, rounded } from '../figures/round.ts';
import { perDay } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { Asked } from './asked.ts';
import { fieldSchema } from './field.ts';
import { normalInput } from './input.ts';
import { Needed } from './needed.ts';
import type { SnapshotExpandSettings } from './settings.ts';

/** Questions of the held-out part without which nothing is said. */
const leastQuestions = 2;

/** Whether the field would have spared questions that its proposer never saw, and been fresh for them. */
export async function examineField(
  past: PromotionContext,
  settings: SnapshotExpandSettings,
  {
    draft,
    look,
    signal,
  }: { readonly draft: ProposalDraft; readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Examination> {
  const { tool, input, pick, type, everyS } = fieldSchema.parse(draft.change.value);
  const wanted = normalInput(input) ?? '{}';
  const asked = new Asked(tool, wanted);
  await everyRow(
    (query) => past.history.toolCalls(query),
    { look },
    {
      signal,
      visit: (row) => {
        if (row.ok && row.tool === tool && normalInput(row.input) === wanted) asked.add(row, () => true);
      },
    },
  );
  const needed = new Needed();
  await everyRow(
    (query) => past.history.questions(query),
    { look },
    {
      signal,
      visit: (row) => {
        const scalars = asked.runs.get(row.runId);
        if (scalars !== undefined) needed.add(row, scalars);
      },
    },
  );
  const field = asked.fields.get(pick);
  const share = needed.questions === 0 ? 0 : needed.spared / needed.questions;
  const hasType = field !== undefined && field.seen === asked.read && !field.isMixed && field.type === type;
  const stale = field?.changes.staleAt(everyS) ?? null;
  const scale = needed.questions === 0 ? 0 : asked.count / needed.questions;
  const why = whyNot();
  return {
    passed: why === null,
    why:
      why ??
      `${percent(share)} of ${needed.questions} questions would have needed no call; ${stale === null ? 'the value stood still' : `${percent(stale)} of its readings out of date`}`,
    figures: [
      { name: 'needed_nothing_else', before: null, after: rounded(share), samples: needed.questions },
      {
        name: 'stale_share',
        before: null,
        after: stale === null ? null : rounded(stale),
        samples: field?.changes.pairs ?? 0,
      },
    ],
    gain: {
      microUsdPerDay: Math.round(perDay(needed.microUsd * scale, look)),
      secondsPerDay: rounded(perDay((needed.ms * scale) / 1_000, look)),
    },
  };

  function whyNot(): string | null {
    if (needed.questions < leastQuestions)
      return `only ${needed.questions} of the questions that were held out asked it`;
    if (!hasType) return `the answer has no ${type} at ${pick === '' ? 'its top' : pick} each time`;
    if (share < settings.minNeeded)
      return `only ${percent(share)} of ${needed.questions} questions needed nothing else`;
    // Fewer readings say less: the bound is that of the proposal, with room for chance.
    return stale !== null && stale > 2 * settings.maxStale
      ? `${percent(stale)} of its readings would be out of date`
      : null;
  }
}

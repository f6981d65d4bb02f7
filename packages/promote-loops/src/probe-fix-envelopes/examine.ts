import type { Examination, HistoryLook, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { z } from 'zod';
import { rounded } from '../figures/round.ts';
import { everyRow } from '../reading/pages.ts';
import { envelopeSchema } from './envelope.ts';
import { FixRecord, FixRecords, mendedWords } from './record.ts';
import { sparedSeconds, Waits } from './waits.ts';

/** What the proposal is about: of its value, the rest was learned before. */
const identitySchema = z.object({ aim: z.enum(['approve', 'auto', 'bound']) });

/** Whether attempts that the proposer never saw bear the change out. */
export async function examineFix(
  past: PromotionContext,
  {
    draft,
    look,
    signal,
  }: { readonly draft: ProposalDraft; readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Examination> {
  const { perTargetPerHour } = envelopeSchema.parse(draft.change.value);
  const { aim } = identitySchema.parse(draft.identity);
  const records = new FixRecords({ whoever: false });
  await everyRow(
    (query) => past.history.attempts(query),
    { look },
    { signal, visit: (row) => records.add(row) },
  );
  const record = records.of.get(draft.change.key) ?? new FixRecord();
  const waits = new Waits(records);
  if (aim === 'auto')
    await everyRow(
      (query) => past.history.incidents(query),
      { look },
      { signal, visit: ({ incidentId, openedAt }) => waits.add(incidentId, Date.parse(openedAt)) },
    );
  const why = whyNot();
  return {
    passed: why === null,
    why:
      why ?? (aim === 'approve' ? `asked for ${record.wanted} times while it was off` : mendedWords(record)),
    figures: [
      {
        name: 'mended',
        before: null,
        after: record.asked === 0 ? null : rounded(record.mended / record.asked),
        samples: record.asked,
      },
      { name: 'most_in_an_hour', before: null, after: record.mostInAnHour, samples: record.asked },
    ],
    gain: {
      microUsdPerDay: 0,
      // With the operator's word before each attempt, and with a bound, nothing of the waiting is saved.
      secondsPerDay:
        aim === 'auto' ? sparedSeconds(record, { waitedMs: waits.of(draft.change.key), look }) : 0,
    },
  };

  function whyNot(): string | null {
    const seen = aim === 'approve' ? record.wanted + record.asked : record.asked;
    if (seen === 0) return 'no attempt of it is in the part that was held out';
    if (aim === 'approve')
      return record.against > record.mended ? `${mendedWords(record)} of those that were held out` : null;
    // Few are held out: one that was not mended in five is chance, one in two is not.
    if (record.against * 4 > record.asked) return `${mendedWords(record)} of those that were held out`;
    if (record.rolledBack > 0) return `${record.rolledBack} of those that were held out were rolled back`;
    return perTargetPerHour !== undefined && record.mostInAnHour > perTargetPerHour
      ? `${record.mostInAnHour} were needed within an hour, the bound would be ${perTargetPerHour}`
      : null;
  }
}

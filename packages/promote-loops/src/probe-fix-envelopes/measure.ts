import type { ChangeSet, HistoryLook, Measure, PromotionContext } from '@kora/runtime/plugin';
import { figure } from '../figures/figure.ts';
import { rounded } from '../figures/round.ts';
import { shareOf } from '../figures/share.ts';
import type { Share } from '../figures/share.ts';
import { daysOf } from '../figures/span.ts';
import { Tally } from '../figures/tally.ts';
import { verdictOf, watchMean, watchShare } from '../figures/verdict.ts';
import { everyRow } from '../reading/pages.ts';
import { FixRecord, FixRecords } from './record.ts';

/** Attempts since, without which nothing is said. */
const leastAttempts = 5;
/** A trial of a fix is a handful of attempts: there are few looks that could be wrong, and much that could break. */
const harm = 2.33;
/** Attempts whose incidents are looked up. */
const mostEnds = 20_000;

interface Seen {
  readonly record: FixRecord;
  /** From the fault to its end, where the fix mended it. */
  readonly msToMend: Tally;
}

/** What the envelope has done: whether it mends as it did, what had to be taken back, and how soon it is well again. */
export async function measureFix(
  past: PromotionContext,
  { key }: ChangeSet,
  {
    looks,
    signal,
  }: {
    readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
    readonly signal: AbortSignal;
  },
): Promise<Measure> {
  const before = await seenIn(past, key, { look: looks.before, signal });
  const since = await seenIn(past, key, { look: looks.since, signal });
  const mended = ({ record }: Seen): Share => ({ hits: record.mended, of: record.asked });
  const rolledBack = ({ record }: Seen): Share => ({ hits: record.rolledBack, of: record.asked });
  const soonerMs = (before.msToMend.mean ?? 0) - (since.msToMend.mean ?? before.msToMend.mean ?? 0);
  return {
    ...verdictOf(
      [
        watchShare('attempts that mended it', [mended(before), mended(since)], { shouldGo: 'up', harm }),
        watchShare('attempts that were taken back', [rolledBack(before), rolledBack(since)], {
          shouldGo: 'down',
          harm,
        }),
        // It is better sooner; that it takes longer once is the fault's doing.
        watchMean('time until it was well again', [before.msToMend, since.msToMend], {
          mayRise: 1,
          isAim: true,
        }),
      ],
      { samples: since.record.asked, atLeast: leastAttempts },
    ),
    figures: [
      figure('mended', [shareOf(mended(before)), shareOf(mended(since))], since.record.asked),
      figure('rolled_back', [shareOf(rolledBack(before)), shareOf(rolledBack(since))], since.record.asked),
      figure(
        'seconds_to_mend',
        [secondsOf(before.msToMend), secondsOf(since.msToMend)],
        since.msToMend.count,
      ),
    ],
    gain: {
      microUsdPerDay: 0,
      secondsPerDay: rounded((soonerMs * since.msToMend.count) / 1_000 / daysOf(looks.since)),
    },
  };
}

/** Whoever asked: after the change it may be the wake. */
async function seenIn(
  { history }: PromotionContext,
  key: string,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Seen> {
  const records = new FixRecords({ whoever: true });
  const endedAtMs = new Map<number, number>();
  await everyRow(
    (query) => history.attempts(query),
    { look },
    {
      signal,
      visit: (row) => {
        if (`${row.probe}/${row.fix}` !== key) return;
        records.add(row);
        const isMended = row.outcome === 'mended' && row.endedAt !== null && row.incidentId !== null;
        if (isMended && endedAtMs.size < mostEnds) endedAtMs.set(row.incidentId, Date.parse(row.endedAt));
      },
    },
  );
  const msToMend = new Tally();
  await everyRow(
    (query) => history.incidents(query),
    { look },
    {
      signal,
      visit: ({ incidentId, openedAt }) => {
        const ended = endedAtMs.get(incidentId);
        if (ended !== undefined && ended >= Date.parse(openedAt)) msToMend.add(ended - Date.parse(openedAt));
      },
    },
  );
  return { record: records.of.get(key) ?? new FixRecord(), msToMend };
}

function secondsOf({ mean }: Tally): number | null {
  return mean === null ? null : mean / 1_000;
}

import type { HistoryLook, Measure } from '@kora/runtime/plugin';
import { perDay } from '../figures/span.ts';
import { Sequence } from '../figures/sequence.ts';
import { bareSubject, everyMail, holds } from './mails.ts';
import type { IntentLoop } from './loop.ts';

interface OnTrial {
  readonly key: string;
  readonly phrase: string;
  readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
}

/** Four of ten tickets that nobody wanted are not to be borne, whatever was asked of the proposal. */
const unborne = 0.4;
const mostHeld = 100_000;

/** What a phrase on trial did: tickets that nobody wanted, and mails with it that are still saved by hand. */
export async function measureIntent(
  { promotion, settings }: IntentLoop,
  { key, phrase, looks }: OnTrial,
  signal: AbortSignal,
): Promise<Measure> {
  // As the reader of mails names what was learned.
  const pattern = `learned:${key}`;
  const byHand = { before: 0, since: 0 };
  const unwanted = new Set<string>();
  for (const part of ['before', 'since'] as const)
    await everyMail(promotion.history, looks[part], {
      signal,
      visit: ({ is, mail }) => {
        if (is !== 'judged') return;
        if (mail.verdict === 'missed' && holds(bareSubject(mail.subject ?? ''), phrase)) byHand[part] += 1;
        const isMine = mail.verdict === 'unwanted' && mail.pattern === pattern;
        if (isMine && part === 'since' && unwanted.size < mostHeld) unwanted.add(mail.message_id);
      },
    });
  // What was unwanted is known only later than the mail: so the mails are gone through once more.
  const fired = new Sequence({
    fine: Math.max(0.02, Math.min(0.3, 1 - settings.minPrecision)),
    bad: unborne,
  });
  await everyMail(promotion.history, looks.since, {
    signal,
    visit: ({ is, mail }) => {
      if (is === 'read' && mail.pattern === pattern) fired.see(unwanted.has(mail.message_id));
    },
  });
  const wanted = fired.cases - fired.bad;
  return {
    ...said(fired, byHand.since),
    figures: [
      { name: 'false_positives', before: null, after: fired.share, samples: fired.cases },
      {
        name: 'saved_by_hand',
        before: byHand.before,
        after: byHand.since,
        samples: byHand.before + byHand.since,
      },
      { name: 'deflected', before: 0, after: wanted, samples: fired.cases },
    ],
    gain: { microUsdPerDay: 0, secondsPerDay: perDay(wanted * settings.secondsPerMail, looks.since) },
  };
}

function said(fired: Sequence, byHand: number): Pick<Measure, 'verdict' | 'why'> {
  const why = `${fired.bad} of ${fired.cases} mails that it saved were not wanted, and ${byHand} with the phrase were still saved by hand`;
  if (fired.verdict === 'worse') return { verdict: 'worse', why };
  if (fired.verdict === 'unclear') return { verdict: 'unclear', why: `${why}: too few to say` };
  return { verdict: fired.bad < fired.cases ? 'better' : 'no_worse', why };
}

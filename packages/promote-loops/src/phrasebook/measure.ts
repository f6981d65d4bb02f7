import { phraseOf } from '@kora/runtime/plugin';
import type { ChangeSet, HistoryLook, LearnedUse, Measure, PastQuestion, Phrase } from '@kora/runtime/plugin';
import { percent } from '../figures/round.ts';
import { perDay } from '../figures/span.ts';
import { Tally } from '../figures/tally.ts';
import { everyRow } from '../reading/pages.ts';
import { agree } from './agreement.ts';
import { AskedAgain } from './asked-again.ts';
import { entryKind, isAnswered } from './asked.ts';
import { entryOf } from './entry.ts';
import type { PhraseLoop } from './candidates.ts';
import { likenessOf } from './settings.ts';
import { Sequence } from '../figures/sequence.ts';

interface Looks {
  readonly before: HistoryLook;
  readonly since: HistoryLook;
}

/** Two answers of a hundred may differ from the engine's; twenty may not. */
const disagreeing = { fine: 0.02, bad: 0.2 };
/** Of people who ask again at once some always do; a quarter more than before is the phrase's doing. */
const againMore = 0.25;
const leastAgain = 0.05;

/**
 * What an entry on trial is worth. The share of traffic that was left to the engine says whether the phrase would have said
 * the same; who asks again at once says whether people were served; what was answered for nothing says what it saved.
 */
export async function measurePhrase(
  { promotion, settings }: PhraseLoop,
  { change, looks }: { readonly change: ChangeSet; readonly looks: Looks },
  signal: AbortSignal,
): Promise<Measure> {
  const phrase = phraseOf(entryOf(change));
  const likeness = likenessOf(settings);
  const visitEach = (look: HistoryLook, visit: (question: PastQuestion) => void) =>
    everyRow((query) => promotion.history.questions(query), { look }, { signal, visit });
  const before = new Period(phrase);
  await visitEach(looks.before, (question) =>
    before.see(question, isAnswered(question) && phrase.fits(question.text)),
  );
  before.end();
  const since = new Period(phrase, before.again.share ?? 0);
  const control = new Sequence(disagreeing);
  let deflected = 0;
  await visitEach(looks.since, (question) => {
    const use = useOf(question, change);
    if (use?.as === 'used') deflected += 1;
    since.see(question, use !== undefined, use?.as === 'used');
    if (use?.as === 'compared' && use.wouldHave !== null && isAnswered(question))
      control.see(agree(use.wouldHave, question.answer, { likeness, question: question.text }) === undefined);
  });
  since.end();
  const saved = deflected * (before.cost.mean ?? 0);
  const seconds = (deflected * Math.max(0, (before.ms.mean ?? 0) - (since.msUsed.mean ?? 0))) / 1_000;
  return {
    ...said({ control, again: since.again, deflected }),
    figures: [
      { name: 'disagreement', before: null, after: control.share, samples: control.cases },
      {
        name: 'asked_again',
        before: before.again.share,
        after: since.again.share,
        samples: since.again.cases,
      },
      {
        name: 'cost_per_question_micro_usd',
        before: before.cost.mean,
        after: since.cost.mean,
        samples: since.cost.count,
      },
      {
        name: 'duration_ms_per_question',
        before: before.ms.mean,
        after: since.ms.mean,
        samples: since.ms.count,
      },
      { name: 'deflected', before: 0, after: deflected, samples: since.cost.count },
    ],
    gain: {
      microUsdPerDay: Math.round(perDay(saved, looks.since)),
      secondsPerDay: perDay(seconds, looks.since),
    },
  };
}

/** Questions of the phrase in one stretch of time: what they took, and whether their answers did. */
class Period {
  readonly cost = new Tally();
  readonly ms = new Tally();
  readonly msUsed = new Tally();
  readonly again: Sequence;
  readonly #asked: AskedAgain;

  /** `usual`: the share that asks again anyway. */
  constructor(phrase: Phrase, usual = 0) {
    const fine = Math.min(0.5, Math.max(leastAgain, usual));
    this.again = new Sequence({ fine, bad: fine + againMore });
    this.#asked = new AskedAgain(phrase, (isAgain) => this.again.see(isAgain));
  }

  /** Oldest first. `isWatched`: whether its answer did is asked. */
  see(question: PastQuestion, isOfThePhrase: boolean, isWatched = isOfThePhrase): void {
    this.#asked.see(question, isWatched);
    if (!isOfThePhrase) return;
    this.cost.add(question.costMicroUsd);
    this.ms.add(question.durationMs);
    if (isWatched) this.msUsed.add(question.durationMs);
  }

  end(): void {
    this.#asked.end();
  }
}

function said({
  control,
  again,
  deflected,
}: {
  readonly control: Sequence;
  readonly again: Sequence;
  readonly deflected: number;
}): Pick<Measure, 'verdict' | 'why'> {
  const compared = `${control.bad} of ${control.cases} answers that the engine gave beside it were others`;
  if (control.verdict === 'worse') return { verdict: 'worse', why: compared };
  if (again.verdict === 'worse')
    return {
      verdict: 'worse',
      why: `${again.bad} of ${again.cases} who got it asked again at once: ${percent(again.share ?? 0)}`,
    };
  if (control.verdict === 'unclear') return { verdict: 'unclear', why: `${compared}: too few to say` };
  return { verdict: deflected > 0 ? 'better' : 'no_worse', why: `${compared}; ${deflected} cost nothing` };
}

function useOf({ learned }: PastQuestion, { key }: ChangeSet): LearnedUse | undefined {
  return learned.find((use) => use.kind === entryKind && use.key === key);
}

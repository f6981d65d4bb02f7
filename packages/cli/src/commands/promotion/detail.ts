import type { PromotionDetail } from '@kora/runtime/client';
import type { Console } from '../../output/console.ts';
import { plain, plainLines } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { changeLines, figureWords, gainWords, painted, section, stateWords } from './words.ts';

const digestShown = 12;

/** One proposal whole: what somebody reads before a word is said about it. */
export function detailLines(row: PromotionDetail, out: Console): readonly string[] {
  const { style } = out;
  return [
    `${style.strong(`proposal ${row.id}`)}  ${painted(style, stateWords(row))}  ${plain(row.title)}`,
    ...plainLines(row.why).map((line) => style.dim(line)),
    ...out.facts(standing(row, out.now)),
    ...section('what would be other', changeLines(row.lines, style), out),
    ...section(
      `seen ${row.evidence.size} times`,
      row.evidence.samples.map(({ text, ref }) => `${plain(text)}  ${style.dim(plain(ref))}`),
      out,
    ),
    ...section('until now', row.baseline.map(figureWords), out),
    ...section(
      `on what the loop did not see: ${row.examination.passed ? 'passed' : 'not passed'}, ${plain(row.examination.why)}`,
      [...row.examination.figures.map(figureWords), `would save ${gainWords(row.examination.gain)}`],
      out,
    ),
    ...trialLines(row, out),
    ...section('after a rollback', backLines(row), out),
    ...section(
      'steps',
      row.steps.map(
        (step) =>
          `${ago(step.at, out.now)}  ${stateWords(step)}  ${plain(step.actor)}: ${plain(step.reason)}`,
      ),
      out,
    ),
    ...(row.next === null ? [] : ['', style.dim(plain(row.next))]),
  ];
}

function standing(row: PromotionDetail, now: number): (readonly [string, string])[] {
  const { change, decidedAt, decidedBy, appliedAt, trialUntil, refusal, supersededBy } = row;
  return [
    ['loop', plain(row.loop)],
    ['changes', `${plain(change.kind)} ${plain(change.key)}`],
    ['risk', row.risk],
    ['is felt', plain(row.blastRadius)],
    ['saves', `${gainWords(row.expected)}, as the loop expects`],
    ['revision', `${row.revision}, digest ${plain(row.digest).slice(0, digestShown)}`],
    ['proposed', ago(row.proposedAt, now)],
    ...(row.decision === 'pending' ? [['expires', ago(row.expiresAt, now)] as const] : []),
    ...(decidedAt === null
      ? []
      : [['decided', `${ago(decidedAt, now)} by ${plain(decidedBy ?? 'nobody')}`] as const]),
    ...(appliedAt === null ? [] : [['applied', ago(appliedAt, now)] as const]),
    ...(trialUntil === null ? [] : [['on trial', `ends ${ago(trialUntil, now)}`] as const]),
    ...(refusal === null ? [] : [['cannot be now', plain(refusal)] as const]),
    ...(supersededBy === null ? [] : [['taken over by', `proposal ${supersededBy}`] as const]),
  ];
}

function trialLines(row: PromotionDetail, out: Console): readonly string[] {
  const { measure, measuredAt } = row;
  if (measure === null) return [];
  const verdict = measure.verdict.replace('_', ' ');
  return section(
    `its trial, ${ago(measuredAt, out.now)}: ${verdict}, ${plain(measure.why)}`,
    [...measure.figures.map(figureWords), `saves ${gainWords(measure.gain)}`],
    out,
  );
}

/** Said while there is something to take back. */
export function backLines({ application, rollbackTo }: PromotionDetail): readonly string[] {
  if (!['applied', 'kept'].includes(application)) return [];
  if (rollbackTo === null) return ['what ships, with what you wrote over it: nothing learned stands there'];
  return [
    `what was learned before, revision ${rollbackTo.revision}: ${plain(JSON.stringify(rollbackTo.value))}`,
  ];
}

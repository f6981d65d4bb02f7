import type { KoraClient } from '@kora/runtime/client';
import type { Console } from './console.ts';
import { counted } from './count.ts';
import { dollars } from './dollars.ts';
import { plain, plainLines } from './style.ts';
import { span } from './time.ts';

export type Answer = Awaited<ReturnType<KoraClient['ask']>>;
export type AnswerReceipt = Answer['receipt'];
export type Verdict = NonNullable<Answer['verdict']>;

const microPerUsd = 1_000_000;

/** What a question took, on one line: calls, tokens, dollars, time, rung, model, and why it woke. */
export function receiptLine(receipt: AnswerReceipt): string {
  const { calls, inputTokens, outputTokens, cacheReadTokens, costMicroUsd, estimated } = receipt;
  const { durationMs, rung, model, tier, routing, wake, phrasebookVersion, tools, learned = [] } = receipt;
  const cached = cacheReadTokens === 0 ? '' : ` (and ${cacheReadTokens} from the cache)`;
  const parts = [
    counted(calls, 'call'),
    // Nobody counted, or nobody came back to say: no number stands for that.
    ...(calls === 0 || inputTokens + outputTokens + cacheReadTokens === 0
      ? []
      : [`${inputTokens} tokens in${cached}, ${outputTokens} out`]),
    `${usd(costMicroUsd)}${estimated ? ' estimated' : ''}`,
    ...(calls > 0 && durationMs === 0 ? [] : [span(durationMs)]),
    `rung ${rung}`,
    ...(phrasebookVersion === null ? [] : [`phrasebook ${phrasebookVersion}`]),
    ...(model === null
      ? []
      : [[tier, model, routing === null ? '' : `(${routing})`].filter(Boolean).join(' ')]),
    ...(tools.length === 0 ? [] : [`tools ${tools.join(' ')}`]),
    ...learned.map(
      ({ kind, key, revision, as }) =>
        `${as === 'used' ? 'learned' : 'kept to compare with'} ${kind} ${key} revision ${revision}`,
    ),
    `woke for ${wake}`,
  ];
  return plain(parts.join(' · '));
}

/** To the micro-dollar below a dollar: what one question cost is held against the journal. */
export function usd(microUsd: number): string {
  if (microUsd >= microPerUsd) return dollars(microUsd / microPerUsd);
  return `$${(microUsd / microPerUsd).toFixed(6).replace(/0{1,4}$/, '')}`;
}

/** What a verdict rests on: each claim, whether it is proven, and by what. */
export function verdictLines({ claims, confidence }: Verdict, { style }: Console): readonly string[] {
  const share = `${claims.filter(({ proven }) => proven).length} of ${counted(claims.length, 'claim')} proven`;
  return [
    style.dim(`${share}, confidence ${confidence.toFixed(2)}`),
    ...claims.map(({ text, proven, evidence, unread }) => {
      const why = evidence.length === 0 ? 'nothing was cited' : `was not read: ${unread.join(' ')}`;
      return proven
        ? `  ${style.good('proven')}    ${plain(text)}  ${style.dim(plain(evidence.join(' ')))}`
        : `  ${style.warn('unproven')}  ${plain(text)}  ${style.dim(plain(why))}`;
    }),
  ];
}

/** The answer as it is read, with its verdict. */
export function answerLines(
  { text, verdict }: Pick<Answer, 'text' | 'verdict'>,
  out: Console,
): readonly string[] {
  return [
    ...(text === '' ? [] : plainLines(text.trimEnd())),
    ...(verdict === null ? [] : ['', ...verdictLines(verdict, out)]),
  ];
}

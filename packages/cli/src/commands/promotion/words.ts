import type { PromotionDetail, PromotionRow } from '@kora/runtime/client';
import type { Context } from '../../context.ts';
import { usage } from '../../fault.ts';
import type { Console } from '../../output/console.ts';
import { dollars } from '../../output/dollars.ts';
import { plain } from '../../output/style.ts';
import type { Style } from '../../output/style.ts';
import { span } from '../../output/time.ts';

type Gain = PromotionRow['expected'];
type Figure = PromotionRow['baseline'][number];
type Line = PromotionDetail['lines'][number];

const micro = 1_000_000;
const secondMs = 1_000;

/** `$0.41 and 3 min 20 s a day`; a loss says so. */
export function gainWords({ microUsdPerDay, secondsPerDay }: Gain): string {
  const money = `${microUsdPerDay < 0 ? '-' : ''}${dollars(Math.abs(microUsdPerDay) / micro)}`;
  const time = `${secondsPerDay < 0 ? '-' : ''}${span(Math.abs(secondsPerDay) * secondMs)}`;
  return `${money} and ${time} a day`;
}

/** `precision 1 on 41`, `cost_per_question_micro_usd 5200 -> 0 on 41`. */
export function figureWords({ name, before, after, samples }: Figure): string {
  const value = before === null ? rounded(after) : `${rounded(before)} -> ${rounded(after)}`;
  return `${plain(name)} ${value} on ${samples}`;
}

function rounded(value: number | null): string {
  if (value === null) return 'not measured';
  return String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1_000) / 1_000);
}

/** `- reply: yes`, `+ reply: {health.shop}`: what goes, and what comes. */
export function changeLines(lines: readonly Line[], style: Style): readonly string[] {
  return lines.flatMap(({ path, before, after }) => [
    ...(before === null ? [] : [style.bad(`- ${plain(path)}: ${plain(before)}`)]),
    ...(after === null ? [] : [style.good(`+ ${plain(path)}: ${plain(after)}`)]),
  ]);
}

/** Both states in a word each, and never one for the two. */
export function stateWords({
  decision,
  application,
}: Pick<PromotionRow, 'decision' | 'application'>): string {
  const applied = application.replaceAll('_', ' ');
  return application === 'not_started' ? decision : `${decision}, ${applied}`;
}

export function painted(style: Style, text: string): string {
  if (/applied|kept$/.test(text)) return style.good(text);
  if (/failed|rolled back$/.test(text)) return style.bad(text);
  return text.startsWith('pending') ? style.warn(text) : style.dim(text);
}

/** A headed list, or nothing where there is none. */
export function section(title: string, lines: readonly string[], { style }: Console): readonly string[] {
  return lines.length === 0 ? [] : ['', style.strong(title), ...lines.map((line) => `  ${line}`)];
}

/** The number of the proposal that was typed; throws KORA_USAGE. */
export function proposalId({ input }: Pick<Context, 'input'>): number {
  const typed = input.argument('proposal');
  const id = Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(id))
    throw usage(`a proposal is named by its number, not ${JSON.stringify(typed)}`, 'kora promotion list');
  return id;
}

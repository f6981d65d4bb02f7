import type { PromotionLoopRow, PromotionRunRow } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import type { Console } from '../../output/console.ts';
import { plain } from '../../output/style.ts';
import { ago, span } from '../../output/time.ts';
import { section } from './words.ts';

export const loops: Run = async ({ client, out }) => {
  const rows = await (await client()).promotionLoops();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'loop', of: (row) => row.name },
        { title: '', of: (row) => (row.settings.enabled ? 'on' : 'off'), paint: (text) => onOff(out, text) },
        { title: 'every', of: (row) => `${row.settings.everyHours} h` },
        { title: 'window', of: (row) => `${row.settings.windowDays} d` },
        { title: 'last', of: (row) => (row.lastRun === null ? 'never' : ago(row.lastRun.at, out.now)) },
        { title: 'came to', of: cameTo },
        { title: 'next', of: (row) => (row.nextRunAt === null ? '' : ago(row.nextRunAt, out.now)) },
        { title: 'what it does', of: (row) => row.means, flexible: true },
      ],
      'no plugin brings a loop: kora plugin add @kora/promote-loops',
    ),
  );
  return 'ok';
};

export const run: Run = async ({ client, input, out }) => {
  const [name, reason] = [input.argument('loop'), input.needed('reason')];
  const ran = await (await client()).runPromotionLoop(longName(name), reason);
  out.result(ran, () => runLines(ran, out));
  return ran.outcome === 'ok' ? 'ok' : 'findings';
};

/** `phrasebook` is as good as `promote_phrasebook`. */
function longName(typed: string): string {
  return typed.startsWith('promote_') ? typed : `promote_${typed}`;
}

function onOff({ style }: Console, text: string): string {
  return text === 'on' ? style.good(text) : style.dim(text);
}

function cameTo({ lastRun }: PromotionLoopRow): string {
  return lastRun === null ? '' : `${counts(lastRun)}, ${span(lastRun.durationMs)}`;
}

function counts({ outcome, error, observed, drafts, proposed }: PromotionRunRow): string {
  if (outcome !== 'ok') return `${outcome}: ${plain(error ?? 'no word why')}`;
  return `${observed} read, ${drafts} found, ${proposed} proposed`;
}

function runLines(row: PromotionRunRow, out: Console): readonly string[] {
  const { style } = out;
  const isWell = row.outcome === 'ok';
  return [
    `${isWell ? style.good(row.outcome) : style.bad(row.outcome)}  ${plain(row.loop)}  ${span(row.durationMs)}`,
    ...out.facts([
      ...(row.error === null ? [] : [['because', plain(row.error)] as const]),
      ['read', `${row.observed} rows of history`],
      ['found', String(row.drafts)],
      ['proposed', String(row.proposed)],
      ['known already', String(row.unchanged)],
      ['not proposed', String(row.refused.length)],
    ]),
    ...section(
      'not proposed, and why',
      row.refused.map(({ title, why }) => `${plain(title)}: ${plain(why)}`),
      out,
    ),
    ...section(
      'to know',
      row.notes.map(({ text }) => plain(text)),
      out,
    ),
    ...(row.proposed === 0 ? [] : ['', style.dim('kora promotion list')]),
  ];
}

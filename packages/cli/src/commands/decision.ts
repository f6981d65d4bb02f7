import type { DecisionRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const list: Run = async ({ client, input, out }) => {
  const all = input.on('all');
  const rows = await (await client()).decisions({ all, limit: input.whole('limit', 1) ?? 50 });
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'no', of: (row) => String(row.decisionId), right: true },
        { title: 'what', of: (row) => `${row.kind} ${row.kind === 'drill' ? '' : row.subject}`.trim() },
        { title: 'status', of: statusWords, paint: (text) => painted(out.style, text) },
        { title: 'asker', of: (row) => row.asker },
        { title: 'asked', of: (row) => ago(row.askedAt, out.now) },
        { title: 'ends', of: (row) => ago(row.expiresAt, out.now) },
        { title: 'question', of: (row) => row.title, flexible: true },
      ],
      all ? 'nothing was ever asked' : 'nothing waits for you',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { client, out } = context;
  const row = await (await client()).decision(decisionId(context));
  const { style, now } = out;
  out.result(row, () => [
    `${style.strong(`decision ${row.decisionId}`)}  ${painted(style, statusWords(row))}`,
    ...out.facts([
      ['question', plain(row.title)],
      ['about', `${row.kind} ${plain(row.subject)}`],
      ['asker', plain(row.asker)],
      ['asked', ago(row.askedAt, now)],
      ['ends', ago(row.expiresAt, now)],
      ...(row.endedAt === null ? [] : [['ended', ago(row.endedAt, now)] as const]),
      ...(row.answeredVia === null ? [] : [['answered over', row.answeredVia] as const]),
      ...(row.note === null ? [] : [['note', plain(row.note)] as const]),
    ]),
    ...(row.status === 'open'
      ? ['', style.dim(`kora decision answer ${row.decisionId} approve   or   … deny`)]
      : []),
  ]);
  return 'ok';
};

export const answer: Run = async ({ client, input, out }) => {
  const typed = input.argument('decision');
  const verdict = verdictOf(input.argument('verdict'));
  const note = input.text('note');
  const number = numberIn(typed);
  const named = number === undefined ? { code: typed } : { decisionId: number };
  const said = note === undefined ? {} : { note };
  const decided = await (await client()).answerDecision({ ...named, verdict, ...said });
  const { style } = out;
  const paint = decided.status === 'answered' ? style.good : style.warn;
  out.result(decided, () => [`${paint(decided.status.replace('_', ' '))}  ${plain(decided.text)}`]);
  return decided.status === 'answered' ? 'ok' : 'findings';
};

function verdictOf(typed: string): 'approve' | 'deny' {
  if (typed === 'approve' || typed === 'deny') return typed;
  throw usage(
    `the verdict is approve or deny, not ${JSON.stringify(typed)}`,
    'kora decision answer 12 approve',
  );
}

/** A code always has eight characters; a number of that many decisions is not in sight. */
function numberIn(typed: string): number | undefined {
  const digits = /^#?([1-9]\d{0,6})$/.exec(typed)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function decisionId({ input }: Context): number {
  const typed = input.argument('decision');
  const number = numberIn(typed);
  if (number !== undefined) return number;
  throw usage(`a decision is named by its number, not ${JSON.stringify(typed)}`, 'kora decision list');
}

function statusWords({ status, verdict }: DecisionRow): string {
  if (status !== 'answered') return status;
  return verdict === 'approve' ? 'approved' : 'denied';
}

function painted(style: Style, status: string): string {
  if (status === 'approved') return style.good(status);
  return status === 'open' ? style.warn(status) : style.dim(status);
}

import type { FixAttemptRow, FixOfferRow, FixRehearsalView } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const list: Run = async ({ client, input, out }) => {
  const incident = input.whole('incident', 1);
  const limit = input.whole('limit', 1) ?? 20;
  const answer = await (await client()).fixes({ limit, ...(incident === undefined ? {} : { incident }) });
  out.result(answer, () => [...offerTable(answer.fixes, out), '', ...attemptTable(answer.attempts, out)]);
  return 'ok';
};

export const show: Run = async (context) => {
  const { client, out } = context;
  const row = await (await client()).fixAttempt(attemptId(context));
  out.result(row, () => attemptLines(row, out));
  return 'ok';
};

export const attempt: Run = async ({ client, input, out }) => {
  const fix = input.argument('fix');
  const target = input.text('target');
  const question = {
    probe: input.argument('probe'),
    ...(fix === '' ? {} : { fix }),
    ...(target === undefined ? {} : { target }),
  };
  if (input.on('dry-run')) {
    const rehearsal = await (await client()).rehearseFix(question);
    out.result(rehearsal, () => rehearsalLines(rehearsal, out));
    return rehearsal.verdict === 'refused' ? 'findings' : 'ok';
  }
  const reason = input.needed('reason');
  const row = await (await client()).tryFix({ ...question, reason });
  out.result(row, () => attemptLines(row, out));
  return row.status === 'ended' && row.outcome !== 'mended' ? 'findings' : 'ok';
};

export const approve: Run = async (context) => {
  const { attempt, approvalId, reason, api } = await question(context);
  const row = await api.approve(approvalId, reason);
  const { style } = context.out;
  context.out.result(row, () => [
    `${style.good('approved')}  attempt ${attempt} is examined again and begins`,
    style.dim(`kora fix show ${attempt}`),
  ]);
  return 'ok';
};

export const deny: Run = async (context) => {
  const { attempt, approvalId, reason, api } = await question(context);
  const row = await api.deny(approvalId, reason);
  const { style } = context.out;
  context.out.result(row, () => [
    `${style.good('refused')}  attempt ${attempt} is not begun`,
    style.dim(`kora fix show ${attempt}`),
  ]);
  return 'ok';
};

/** What the operator is asked about an attempt; refuses one that waits for nobody. */
async function question(context: Context): Promise<{
  readonly attempt: number;
  readonly approvalId: number;
  readonly reason: string;
  readonly api: Awaited<ReturnType<Context['client']>>;
}> {
  const [attempt, reason] = [attemptId(context), context.input.needed('reason')];
  const api = await context.client();
  const { approvalId, status } = await api.fixAttempt(attempt);
  if (approvalId === null || status !== 'waiting')
    throw usage(`attempt ${attempt} waits for nobody's word: it is ${status}`, `kora fix show ${attempt}`);
  return { attempt, approvalId, reason, api };
}

function offerTable(rows: readonly FixOfferRow[], out: Console): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'probe', of: (row) => row.probe },
      { title: 'fix', of: (row) => row.fix },
      { title: 'mode', of: (row) => `${row.mode}${learnedOf(row, 'mode')}` },
      { title: 'capability', of: (row) => row.capability },
      {
        title: 'an hour',
        of: (row) => `${row.perTargetPerHour}${learnedOf(row, 'perTargetPerHour')}`,
        right: true,
      },
      { title: 'could be done to', of: (row) => row.targets.map(({ id }) => id).join(' ') || 'nothing now' },
      { title: 'what it does', of: (row) => row.title, flexible: true },
    ],
    'nothing may be mended: no fix is configured',
  );
}

/** Where a bound comes from, if it is neither what ships nor what the operator wrote. */
function learnedOf({ learned }: FixOfferRow, bound: 'mode' | 'perTargetPerHour'): string {
  return learned?.sets.includes(bound) === true ? ` (learned, proposal ${learned.proposalId})` : '';
}

function attemptTable(rows: readonly FixAttemptRow[], out: Console): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'attempt', of: (row) => String(row.attemptId), right: true },
      { title: 'came to', of: (row) => row.outcome ?? row.status, paint: (text) => painted(out.style, text) },
      { title: 'probe', of: (row) => row.probe },
      { title: 'fix', of: (row) => row.fix },
      { title: 'target', of: (row) => row.target },
      { title: 'asked by', of: (row) => row.askedBy },
      { title: 'asked', of: (row) => ago(row.askedAt, out.now) },
      { title: 'why', of: (row) => row.code ?? '', flexible: true },
    ],
    'nothing was tried',
  );
}

function attemptLines(row: FixAttemptRow, out: Console): readonly string[] {
  const { style, now } = out;
  const waits = row.status === 'waiting' && row.approvalId !== null;
  return [
    `${style.strong(`attempt ${row.attemptId}`)}  ${painted(style, row.outcome ?? row.status)}`,
    ...out.facts([
      ['fix', `${plain(row.fix)} of ${plain(row.probe)}, ${row.mode}`],
      ...(row.learned
        ? [
            [
              'envelope',
              `learned, proposal ${row.learned.proposalId}, revision ${row.learned.revision}`,
            ] as const,
          ]
        : []),
      ['target', plain(row.target)],
      ['incident', row.incidentId === null ? 'none' : String(row.incidentId)],
      ['asked', `${ago(row.askedAt, now)} by ${plain(row.askedBy)}: ${plain(row.reason)}`],
      ...(row.session === null ? [] : [['run', plain(row.session)] as const]),
      ...(row.ticketId === null ? [] : [['ticket', String(row.ticketId)] as const]),
      ...(row.code === null ? [] : [['because', row.code] as const]),
      ...(row.detail === null ? [] : [['in words', plain(row.detail)] as const]),
      ...(row.beganAt === null ? [] : [['began', ago(row.beganAt, now)] as const]),
      ...(row.endedAt === null ? [] : [['ended', ago(row.endedAt, now)] as const]),
      ...seenFacts(row),
      ...(row.after === null ? [] : [['after', plain(JSON.stringify(row.after))] as const]),
    ]),
    ...(waits
      ? [
          '',
          style.dim(`kora fix approve ${row.attemptId} --reason '...'`),
          style.dim(`kora fix deny ${row.attemptId} --reason '...'`),
        ]
      : []),
    ...wayOn(row, out),
  ];
}

const verdicts: Readonly<Record<FixRehearsalView['verdict'], string>> = {
  would_run: 'it would be done',
  would_ask: 'you would be asked, and then it would be done',
  refused: 'it would be refused',
};

function rehearsalLines(row: FixRehearsalView, out: Console): readonly string[] {
  const { style } = out;
  const said = verdicts[row.verdict];
  return [
    `${row.verdict === 'refused' ? style.warn(said) : style.good(said)}${row.code === null ? '' : `  ${row.code}`}`,
    ...out.facts([
      ['fix', `${plain(row.fix ?? 'none')} of ${plain(row.probe)}`],
      ['target', plain(row.target ?? 'none')],
      ['incident', row.incidentId === null ? 'none' : String(row.incidentId)],
      ...(row.detail === null ? [] : [['in words', plain(row.detail)] as const]),
      ...seenFacts(row),
    ]),
    ...wayOn(row, out),
  ];
}

function wayOn({ remedy }: Pick<FixAttemptRow, 'remedy'>, { style }: Console): readonly string[] {
  return remedy === null ? [] : ['', style.dim(plain(remedy))];
}

function seenFacts({
  conditions,
  before,
}: Pick<FixRehearsalView, 'conditions' | 'before'>): (readonly [string, string])[] {
  return [
    ...conditions.map(
      ({ name, holds, saw }) => [holds ? 'holds' : 'fails', `${plain(name)}: ${plain(saw)}`] as const,
    ),
    ...(before === null ? [] : [['before', plain(JSON.stringify(before))] as const]),
  ];
}

function painted(style: Style, text: string): string {
  if (text === 'mended') return style.good(text);
  return text === 'waiting' || text === 'running' || text === 'rejected' ? style.dim(text) : style.warn(text);
}

function attemptId({ input }: Context): number {
  const typed = input.argument('attempt');
  const id = Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(id))
    throw usage(`an attempt is named by its number, not ${JSON.stringify(typed)}`, 'kora fix list');
  return id;
}

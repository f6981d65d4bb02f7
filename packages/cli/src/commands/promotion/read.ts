import type { PromotionDetail, PromotionRow } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import type { Console } from '../../output/console.ts';
import { plain } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { proposalApplications, proposalDecisions } from '../../table/promotions.ts';
import { changeLines, gainWords, painted, proposalId, stateWords } from './words.ts';
import { detailLines } from './detail.ts';

const rowsShown = 50;
/** What still asks something of the operator, or is being tried. */
const open: readonly {
  readonly decision: PromotionRow['decision'];
  readonly application?: PromotionRow['application'];
}[] = [
  { decision: 'pending' },
  { decision: 'approved', application: 'not_started' },
  { decision: 'approved', application: 'applied' },
  { decision: 'approved', application: 'failed' },
];

export const list: Run = async ({ client, input, out }) => {
  const decision = input.choice('decision', proposalDecisions);
  const application = input.choice('application', proposalApplications);
  const query = { loop: input.text('loop'), limit: input.whole('limit', 1) ?? rowsShown };
  const isOpen = !input.on('all') && decision === undefined && application === undefined;
  const api = await client();
  const asked = isOpen ? open : [{ decision, application }];
  // Each by itself: what waits is not to be pushed out of sight by what is over.
  const found = await Promise.all(asked.map((each) => api.promotions({ ...query, ...each })));
  const rows = found
    .flat()
    .toSorted((a, b) => b.id - a.id)
    .slice(0, query.limit);
  out.result(rows, () => table(rows, out, 'nothing is proposed, and nothing on trial'));
  return 'ok';
};

export const history: Run = async (context) => {
  const { client, input, out } = context;
  const api = await client();
  if (input.argument('proposal') !== '') {
    const row = await api.promotion(proposalId(context));
    out.result(row.steps, () => stepTable(row.steps, out));
    return 'ok';
  }
  const page = { loop: input.text('loop'), before: input.whole('before', 1) };
  const rows = await api.promotions({ ...page, limit: input.whole('limit', 1) ?? rowsShown });
  out.result(rows, () => table(rows, out, 'nothing was ever proposed'));
  return 'ok';
};

export const show: Run = async (context) => {
  const row = await (await context.client()).promotion(proposalId(context));
  context.out.result(row, () => detailLines(row, context.out));
  return 'ok';
};

export const diff: Run = async (context) => {
  const { client, input, out } = context;
  const [id, from, to] = [proposalId(context), input.whole('from', 1), input.whole('to', 1)];
  const api = await client();
  if (from === undefined && to === undefined) {
    const row = await api.promotion(id);
    const { lines, revision, digest } = row;
    out.result({ id, revision, digest, lines }, () => nothingOr(changeLines(lines, out.style), out));
    return 'ok';
  }
  const answer = await api.promotionDiff(id, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  out.result(answer, () => [
    out.style.strong(`revision ${answer.from} -> ${answer.to}`),
    ...nothingOr(changeLines(answer.lines, out.style), out),
  ]);
  return 'ok';
};

function nothingOr(lines: readonly string[], { style }: Console): readonly string[] {
  return lines.length === 0 ? [style.dim('nothing is other')] : lines;
}

function table(rows: readonly PromotionRow[], out: Console, none: string): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'no', of: (row) => String(row.id), right: true },
      { title: 'state', of: stateWords, paint: (text) => painted(out.style, text) },
      { title: 'loop', of: (row) => row.loop.replace(/^promote_/, '') },
      { title: 'risk', of: (row) => row.risk },
      { title: 'saves', of: (row) => gainWords(row.measure?.gain ?? row.expected) },
      { title: 'seen', of: (row) => String(row.evidence.size), right: true },
      { title: 'proposed', of: (row) => ago(row.proposedAt, out.now) },
      {
        title: 'ends',
        of: (row) => (row.decision === 'pending' ? ago(row.expiresAt, out.now) : ends(row, out.now)),
      },
      { title: 'what', of: (row) => row.title, flexible: true },
    ],
    none,
  );
}

function ends({ trialUntil }: PromotionRow, now: number): string {
  return trialUntil === null ? '' : ago(trialUntil, now);
}

function stepTable(steps: PromotionDetail['steps'], out: Console): readonly string[] {
  return out.table(
    steps,
    [
      { title: '', of: (row) => String(row.ordinal), right: true },
      { title: 'when', of: (row) => ago(row.at, out.now) },
      { title: 'state', of: stateWords, paint: (text) => painted(out.style, text) },
      { title: 'revision', of: (row) => String(row.revision), right: true },
      { title: 'by', of: (row) => plain(row.actor) },
      { title: 'why', of: (row) => plain(row.reason), flexible: true },
    ],
    'nothing was done about it yet',
  );
}

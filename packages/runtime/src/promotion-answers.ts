import { once } from './control/index.ts';
import type {
  House,
  PromotionDetail,
  PromotionDiff,
  PromotionLoopRow,
  PromotionRow,
  PromotionRunRow,
} from './http/index.ts';
import type {
  Figure,
  LoopRun,
  LoopView,
  ProposalDetail,
  ProposalView,
  RevisionDiff,
  Within,
} from './promotion/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type PromotionAnswers = Pick<
  House,
  | 'promotions'
  | 'promotion'
  | 'promotionDiff'
  | 'promotionLoops'
  | 'approvePromotion'
  | 'rejectPromotion'
  | 'rollBackPromotion'
  | 'retryPromotion'
  | 'runPromotionLoop'
>;
type Around = Pick<Rooms, 'promotion' | 'scheduler' | 'workspace'>;

const digestShown = 12;

/** What the loops propose, and the operator's word on it. */
export function promotionAnswers({ promotion, scheduler, workspace }: Around): PromotionAnswers {
  const by = operatorActor;
  const { workspaceId } = workspace;
  const onceFor =
    (key: string | undefined, deed: string, wish: object): Within =>
    (tx, work) =>
      once(tx, { workspaceId, key, deed, wish }, work);
  const shown = async (id: number) => detailView(await promotion.show(id));
  return {
    promotions: async (query) => (await promotion.list(query)).map(rowView),
    promotion: shown,
    promotionDiff: async (id, { from, to }) => {
      const upTo = to ?? (await promotion.show(id)).revision;
      return diffView(await promotion.diffBetweenRevisions(id, from ?? Math.max(1, upTo - 1), upTo));
    },
    promotionLoops: async () => {
      const tasks = await scheduler.list();
      return (await promotion.loops()).map((loop) => {
        const cycle = tasks.find(({ name }) => name === loop.name || name.startsWith(`${loop.name}.`));
        return loopView(loop, cycle?.nextDueAt ?? null);
      });
    },
    approvePromotion: async ({ idempotencyKey: key, ...word }) => {
      await promotion.approve({ ...word, by }, onceFor(key, 'promotion approve', word));
      return shown(word.id);
    },
    rejectPromotion: async ({ idempotencyKey: key, ...word }) => {
      const { revision, digest } = await promotion.show(word.id);
      const meant = { revision, digest, ...word, by };
      await promotion.reject(meant, onceFor(key, 'promotion reject', word));
      return shown(word.id);
    },
    rollBackPromotion: async ({ idempotencyKey: key, ...word }) => {
      await promotion.rollback({ ...word, by }, onceFor(key, 'promotion rollback', word));
      return shown(word.id);
    },
    retryPromotion: async ({ idempotencyKey: key, ...word }) => {
      await promotion.retry({ ...word, by }, onceFor(key, 'promotion retry', word));
      return shown(word.id);
    },
    runPromotionLoop: async (name, reason) => runView(await promotion.run(name, { by, reason })),
  };
}

function rowView(row: ProposalView): PromotionRow {
  const { evidence, examination, measure } = row;
  return {
    ...row,
    change: { ...row.change },
    evidence: { size: evidence.size, samples: evidence.samples.map((each) => ({ ...each })) },
    baseline: figures(row.baseline),
    examination: { ...examination, figures: figures(examination.figures) },
    measure: measure === null ? null : { ...measure, figures: figures(measure.figures) },
  };
}

function detailView(row: ProposalDetail): PromotionDetail {
  return {
    ...row,
    ...rowView(row),
    lines: row.lines.map((line) => ({ ...line })),
    steps: row.steps.map((step) => ({ ...step })),
    revisions: row.revisions.map((each) => ({ ...each })),
    next: nextFor(row),
  };
}

/** The one command that leads on: what to say while it waits, to try again what failed, to take back what is in force, to see what took over. */
function nextFor({
  id,
  revision,
  digest,
  decision,
  application,
  refusal,
  supersededBy,
}: ProposalDetail): string | null {
  if (supersededBy !== null) return `kora promotion show ${supersededBy}`;
  if (decision === 'pending') {
    if (refusal !== null) return `kora promotion reject ${id} --reason '...'`;
    return `kora promotion approve ${id} --revision ${revision} --digest ${digest.slice(0, digestShown)} --reason '...'`;
  }
  if (decision !== 'approved') return null;
  if (application === 'failed') return `kora promotion retry ${id} --reason '...'`;
  if (application === 'applied' || application === 'kept')
    return `kora promotion rollback ${id} --reason '...'`;
  return null;
}

function diffView({ lines, ...diff }: RevisionDiff): PromotionDiff {
  return { ...diff, lines: lines.map((line) => ({ ...line })) };
}

function loopView(
  { kinds, settings, lastRun, ...loop }: LoopView,
  nextRunAt: string | null,
): PromotionLoopRow {
  return {
    ...loop,
    kinds: [...kinds],
    settings: { ...settings },
    lastRun: lastRun === null ? null : runView(lastRun),
    nextRunAt: settings.enabled ? nextRunAt : null,
  };
}

function runView({ refused, notes, ...run }: LoopRun): PromotionRunRow {
  return {
    ...run,
    refused: refused.map((each) => ({ ...each })),
    notes: notes.map((each) => ({ ...each })),
  };
}

function figures(list: readonly Figure[]): PromotionRow['baseline'] {
  return list.map((each) => ({ ...each }));
}

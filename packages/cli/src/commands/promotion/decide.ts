import type { PromotionDetail } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { refusal, usage } from '../../fault.ts';
import { plain } from '../../output/style.ts';
import { ago } from '../../output/time.ts';
import { backLines } from './detail.ts';
import { changeLines, proposalId, stateWords } from './words.ts';

type Api = Awaited<ReturnType<Context['client']>>;

export const approve: Run = async (context) => {
  const { client, input, out } = context;
  const [id, reason, revision] = [proposalId(context), input.needed('reason'), input.whole('revision', 1)];
  if (revision === undefined)
    throw usage(
      'an approval names the revision that was read, so that nothing else is agreed to',
      `kora promotion show ${id}`,
    );
  const api = await client();
  const row = await api.promotion(id);
  const digest = input.text('digest') ?? row.digest;
  if (row.revision !== revision || !row.digest.startsWith(digest)) throw await changed(api, row, revision);
  const wish = { revision, digest: row.digest, reason, idempotencyKey: keyOf(id, revision, reason) };
  const done = await api.approvePromotion(id, wish).catch(async (error: unknown) => {
    if (!isChanged(error)) throw error;
    throw await changed(api, await api.promotion(id), revision);
  });
  out.result(done, () => [
    `${out.style.good(stateWords(done))}  ${plain(done.title)}`,
    ...(done.trialUntil === null ? [] : [`on trial; ends ${ago(done.trialUntil, out.now)}`]),
    ...(done.next === null ? [] : [out.style.dim(plain(done.next))]),
  ]);
  return done.application === 'failed' ? 'findings' : 'ok';
};

export const reject: Run = async (context) => {
  const [id, reason] = [proposalId(context), context.input.needed('reason')];
  const done = await (await context.client()).rejectPromotion(id, { reason });
  context.out.result(done, () => [
    `${context.out.style.good('rejected')}  ${plain(done.title)}`,
    context.out.style.dim('it comes back only when its evidence has doubled'),
  ]);
  return 'ok';
};

export const rollBack: Run = async (context) => {
  const { out } = context;
  const [id, reason] = [proposalId(context), context.input.needed('reason')];
  const api = await context.client();
  const target = backLines(await api.promotion(id));
  const done = await api.rollBackPromotion(id, { reason });
  out.result(done, () => [
    `${out.style.good('rolled back')}  ${plain(done.title)}`,
    ...target.map((line) => `stands there now: ${line}`),
  ]);
  return 'ok';
};

export const retry: Run = async (context) => {
  const { out } = context;
  const [id, reason] = [proposalId(context), context.input.needed('reason')];
  const done = await (await context.client()).retryPromotion(id, { reason });
  out.result(done, () => [
    `${done.application === 'failed' ? out.style.bad('failed') : out.style.good(stateWords(done))}  ${plain(done.title)}`,
    ...(done.next === null ? [] : [out.style.dim(plain(done.next))]),
  ]);
  return done.application === 'failed' ? 'findings' : 'ok';
};

/** The same command again is the same word, and is answered what came of it. */
function keyOf(id: number, revision: number, reason: string): string {
  return `promotion approve ${id} ${revision} ${reason}`.slice(0, 200).toWellFormed();
}

/** What was read is no longer what would be applied: it says what is other, and how to agree to that. */
async function changed(api: Api, row: PromotionDetail, read: number): Promise<Error> {
  const plainStyle = { dim: same, strong: same, good: same, warn: same, bad: same };
  const lines =
    read < row.revision
      ? changeLines((await api.promotionDiff(row.id, { from: read })).lines, plainStyle)
      : [];
  return refusal(
    'KORA_PROPOSAL_CHANGED',
    [`proposal ${row.id} is not as you read it: revision ${read} then, ${row.revision} now`, ...lines].join(
      '\n',
    ),
    `kora promotion show ${row.id}`,
  );
}

function same(text: string): string {
  return text;
}

function isChanged(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'KORA_PROPOSAL_CHANGED';
}

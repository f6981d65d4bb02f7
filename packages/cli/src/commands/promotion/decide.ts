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
  const wish = {
    ...(await asRead(context, api, revision)),
    reason,
    idempotencyKey: keyOf(id, revision, reason),
  };
  const done = await asItWas(api, id, revision, () => api.approvePromotion(id, wish));
  out.result(done, () => [
    `${out.style.good(stateWords(done))}  ${plain(done.title)}`,
    ...(done.trialUntil === null ? [] : [`on trial; ends ${ago(done.trialUntil, out.now)}`]),
    ...(done.next === null ? [] : [out.style.dim(plain(done.next))]),
  ]);
  return done.application === 'failed' ? 'findings' : 'ok';
};

export const reject: Run = async (context) => {
  const { client, input, out } = context;
  const [id, reason, revision] = [proposalId(context), input.needed('reason'), input.whole('revision', 1)];
  const api = await client();
  const read = revision === undefined ? {} : await asRead(context, api, revision);
  const done = await asItWas(api, id, revision, () => api.rejectPromotion(id, { ...read, reason }));
  out.result(done, () => [
    `${out.style.good('rejected')}  ${plain(done.title)}`,
    out.style.dim('it comes back only when its evidence has doubled'),
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

/** The content that was read, whole; throws KORA_PROPOSAL_CHANGED where another stands there now. */
async function asRead(
  context: Context,
  api: Api,
  revision: number,
): Promise<{ readonly revision: number; readonly digest: string }> {
  const row = await api.promotion(proposalId(context));
  const digest = context.input.text('digest') ?? row.digest;
  if (row.revision !== revision || !row.digest.startsWith(digest)) throw await changed(api, row, revision);
  return { revision, digest: row.digest };
}

/** Says what is other where it changed in this very moment. */
async function asItWas<T>(
  api: Api,
  id: number,
  revision: number | undefined,
  deed: () => Promise<T>,
): Promise<T> {
  try {
    return await deed();
  } catch (error) {
    if (revision === undefined || !isChanged(error)) throw error;
    throw await changed(api, await api.promotion(id), revision);
  }
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

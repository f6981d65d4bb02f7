import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { listMessages } from '../message/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import type { LoopSpec, ProposalDraft } from './contract.ts';
import { pruneProposals } from './index.ts';
import { draftOf, promotionScene, scriptedLoop, shown, wordsKind } from './testing/scene.ts';
import type { PromotionScene, SceneOptions, Script } from './testing/scene.ts';
import type { ProposalView } from './view.ts';

let store: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  store = await fileDatabase();
});
afterAll(() => store.drop());
let workspaces = 0;

async function house(over: Partial<LoopSpec['settings']> = {}, options: SceneOptions = {}) {
  const { database } = store;
  const name = `hours-${(workspaces += 1)}`;
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, name));
  const script: Script = { drafts: [draftOf()], passed: true, measure: shown('unclear') };
  const loop = scriptedLoop(script, over);
  const another = async (given: SceneOptions) => {
    const scene = await promotionScene(database, workspaceId, given);
    onTestFinished(() => scene.close());
    const words = wordsKind();
    await scene.promotion.registerKind(words.spec, 'kora');
    await scene.promotion.registerLoop(loop, 'tides', () => undefined);
    return { ...scene, words };
  };
  const scene = await another(options);
  return { ...scene, database, workspaceId, script, loop, beside: () => another({ clock: scene.clock }) };
}

function agree(at: Pick<PromotionScene, 'promotion'>, { id, revision, digest }: ProposalView) {
  return at.promotion.approve({ id, revision, digest, by: 'operator', reason: 'it is right' });
}

async function pending({ promotion }: Pick<PromotionScene, 'promotion'>): Promise<ProposalView> {
  const [one] = await promotion.list({ decision: 'pending' });
  if (one === undefined) throw new Error('nothing waits');
  return one;
}

/** Another thing that repeats, for the same place. */
function rival(reply: string, dollars: number): ProposalDraft {
  const expected = { microUsdPerDay: dollars * 1_000_000, secondsPerDay: 0 };
  return { ...draftOf(10, { value: { reply } }, reply), expected };
}

test('what nobody decided in its time is not agreed to, also before anybody came by to say so', async () => {
  const at = await house();
  await at.cycle();
  await at.pass(14 * 24);
  await expect(agree(at, await pending(at))).rejects.toMatchObject({
    code: 'KORA_PROPOSAL_DECIDED',
    message: expect.stringContaining('is over since'),
  });
  // Its content changed before the sweep came to it: it has all of its time again.
  at.script.drafts = [draftOf(20)];
  await at.cycle();
  await at.sweep();
  expect(await agree(at, await pending(at))).toMatchObject({ application: 'applied', revision: 2 });
});

test('what lies under what was learned later says so, and is in force again when that is taken back', async () => {
  const at = await house();
  const learn = async (draft: ProposalDraft): Promise<number> => {
    at.script.drafts = [draft];
    await at.cycle();
    const { id } = await agree(at, await pending(at));
    await at.pass(24);
    at.script.measure = shown('better');
    await at.sweep();
    return id;
  };
  const [first, second] = [await learn(draftOf()), await learn(rival('4 m', 9))];
  expect(await at.promotion.one(first)).toMatchObject({ application: 'replaced', supersededBy: second });
  expect(await at.promotion.list({ application: 'kept' })).toMatchObject([{ id: second }]);
  const back = { by: 'operator', reason: 'the tide is as it was' };
  await expect(at.promotion.rollback({ id: first, ...back })).rejects.toMatchObject({
    code: 'KORA_PROPOSAL_DECIDED',
  });
  await at.promotion.rollback({ id: second, ...back });
  expect(await at.promotion.one(first)).toMatchObject({ application: 'kept', supersededBy: null });
  expect(await at.promotion.overlays()).toMatchObject([{ proposalId: first, value: { reply: '3.5 m' } }]);
  expect(await at.promotion.rollback({ id: first, ...back })).toMatchObject({ application: 'rolled_back' });
  expect(await at.promotion.overlays()).toEqual([]);
});

test('two runtimes that apply two things at a place where nothing was make one change', async () => {
  const at = await house();
  const other = await at.beside();
  await at.cycle();
  const one = await pending(at);
  // Both were approved before the change of either was made.
  await at.database.query(
    `with copy as (
       insert into kora.promotion_proposal (workspace_id, loop, plugin, fingerprint, kind, key, digest, risk, evidence_size,
         content, decision, decided_by, proposed_at, changed_at, expires_at, trial_hours)
       select workspace_id, loop, plugin, repeat('a', 64), kind, key, digest, risk, evidence_size, content, 'approved',
         'operator', proposed_at, changed_at, expires_at, trial_hours
       from kora.promotion_proposal where workspace_id = $1 and proposal_id = $2)
     update kora.promotion_proposal set decision = 'approved', decided_by = 'operator'
     where workspace_id = $1 and proposal_id = $2`,
    [at.workspaceId, one.id],
  );
  await Promise.all([at.sweep(), other.sweep()]);
  const ends = (await at.promotion.list()).map(({ application }) => application);
  expect(ends.toSorted()).toEqual(['applied', 'failed']);
  expect(await at.promotion.overlays()).toMatchObject([{ revision: 1 }]);
});

test('nothing but what is of low risk goes by itself, and what died before its word is said is not forgotten', async () => {
  let dies = true;
  const at = await house(
    { applyLowRisk: true },
    {
      onStage: async (drafts) => {
        if (dies && drafts.some(({ type }) => type === 'promotion.approved'))
          throw new Error('the power went');
      },
    },
  );
  at.words.risk = 'low';
  expect(await at.cycle()).toMatchObject({ proposed: 0, refused: [{ why: 'the power went' }] });
  expect(await pending(at)).toMatchObject({ risk: 'low' });
  dies = false;
  await at.cycle();
  expect(await at.promotion.list({ application: 'applied' })).toMatchObject([{ decidedBy: 'kora' }]);
  // It was low when it was proposed, and is high when it is to be made.
  at.script.drafts = [draftOf(10, { key: 'b' }, 'b')];
  const { examine } = at.words.spec;
  vi.spyOn(at.words.spec, 'examine')
    .mockImplementationOnce(examine)
    .mockImplementation(async (given) => ({
      ...(await examine(given)),
      risk: 'high',
    }));
  expect((await at.cycle()).refused).toMatchObject([{ why: expect.stringContaining('no operator agreed') }]);
  expect(await pending(at)).toMatchObject({ change: { key: 'b' } });
  expect(await at.promotion.overlays()).toHaveLength(1);
});

test('a loop that does not end its measuring keeps no other trial from being looked at', async () => {
  const at = await house();
  at.script.drafts = [draftOf(), draftOf(10, { key: 'b' }, 'b')];
  await at.cycle();
  for (const each of await at.promotion.list()) await agree(at, each);
  let asked = 0;
  vi.spyOn(at.loop, 'measure').mockImplementation(async () => {
    asked += 1;
    return asked === 1 ? new Promise(() => undefined) : shown('worse');
  });
  await at.pass(1);
  const swept = at.sweep();
  await vi.waitFor(() => expect(asked).toBe(1));
  await at.pass(0.1);
  await swept;
  expect(await at.promotion.list({ application: 'applied' })).toMatchObject([
    { measure: { verdict: 'unclear' } },
  ]);
  expect(await at.promotion.list({ application: 'rolled_back' })).toHaveLength(1);
});

test('a cycle whose turn came while nothing could act has it as soon as something may', async () => {
  const at = await house();
  await at.tasks.get('kora.promotion_missed')?.run({ signal: new AbortController().signal, scheduledAt: '' });
  expect(await at.promotion.list()).toEqual([]);
  at.blocked.add('promote_words.cycle');
  await at.tasks.get('kora.promotion_missed')?.run({ signal: new AbortController().signal, scheduledAt: '' });
  expect(await at.promotion.list()).toHaveLength(1);
});

test('a loop that names what it finds otherwise each day fills neither inbox nor store', async () => {
  const at = await house();
  at.script.drafts = Array.from({ length: 60 }, (_, n) => draftOf(10, { key: `k${n}` }, `w${n}`));
  expect(await at.cycle()).toMatchObject({ proposed: 50, refused: { length: 10 } });
});

test('a cycle that is given up proposes nothing, reads nothing more, and is not answered with the one before', async () => {
  const at = await house();
  await at.cycle();
  await at.pass(24);
  const stop = new AbortController();
  let late: Promise<unknown> | undefined;
  at.script.drafts = [draftOf(10, { key: 'b' }, 'b')];
  const { observe } = at.loop;
  vi.spyOn(at.loop, 'observe').mockImplementation(async (look, signal) => {
    stop.abort(new Error('given up'));
    late = at.promotion
      .historyFor('tides')
      .questions({ look })
      .catch((error: unknown) => error);
    return observe(look, signal);
  });
  const task = at.tasks.get('promote_words.cycle');
  await expect(task?.run({ signal: stop.signal, scheduledAt: '' })).rejects.toThrow('given up');
  expect(await late).toMatchObject({ code: 'KORA_LOOK_OVER' });
  expect(await at.promotion.list()).toHaveLength(1);
  // The schedule stopped waiting for one before it wrote what it came to.
  if (task !== undefined) vi.spyOn(task, 'run').mockResolvedValue('noop');
  await at.pass(1);
  await expect(at.cycle()).rejects.toMatchObject({ code: 'KORA_TIMEOUT' });
});

test('what came to nothing by itself is forgotten after its time, and a no is not', async () => {
  const at = await house();
  at.script.drafts = [draftOf(), draftOf(10, { key: 'b' }, 'b')];
  await at.cycle();
  const { id, revision, digest } = await pending(at);
  await at.promotion.reject({ id, revision, digest, by: 'operator', reason: 'no' });
  await at.pass(14 * 24);
  await at.sweep();
  await pruneProposals(at.database, at.workspaceId, new Date(at.clock.now() + 1));
  expect((await at.promotion.list()).map((row) => row.decision)).toEqual(['rejected']);
  const left = await at.database.query(
    `select proposal_id from kora.promotion_step where workspace_id = $1
     union select proposal_id from kora.promotion_revision where workspace_id = $1`,
    [at.workspaceId],
  );
  expect(left).toHaveLength(1);
});

test('what a stranger promises takes nobody else’s place, and stands beside it under its own name', async () => {
  const at = await house();
  await at.cycle();
  const first = await pending(at);
  const script: Script = { drafts: [rival('9 m', 1_000_000)], passed: true, measure: shown('unclear') };
  const loop = { ...scriptedLoop(script), name: 'promote_winds' };
  await at.promotion.registerLoop(loop, 'winds', () => undefined);
  await at.promotion.run('promote_winds', { by: 'operator', reason: 'now' });
  expect(await at.promotion.list({ decision: 'pending' })).toHaveLength(2);
  const bodies = (await listMessages(at.database, at.workspaceId, {})).map(({ body }) => body);
  expect(bodies.filter((body) => body.includes('Proposed by promote_winds.'))).toHaveLength(1);
  script.drafts = [{ ...rival('8 m', 1), title: 'Fine\nkora promotion approve 1' }];
  const run = await at.promotion.run('promote_winds', { by: 'operator', reason: 'now' });
  expect(run.refused).toMatchObject([{ why: expect.stringContaining('title is one line') }]);
  expect(await agree(at, first)).toMatchObject({ application: 'applied' });
});

test('a change that is not acted by is not measured as if it were', async () => {
  const at = await house();
  await at.cycle();
  const { id } = await agree(at, await pending(at));
  await at.database.query(
    `update kora.promotion_proposal set content = jsonb_set(content, '{draft,change,value}', '{"text": 1}')
     where workspace_id = $1 and proposal_id = $2`,
    [at.workspaceId, id],
  );
  at.script.measure = shown('worse');
  await at.pass(1);
  await at.sweep();
  expect(await at.promotion.one(id)).toMatchObject({
    application: 'applied',
    measure: { verdict: 'unclear', why: expect.stringContaining('it is not acted by') },
  });
});

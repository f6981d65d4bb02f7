import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { listMessages } from '../message/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import { draftOf, promotionScene, scriptedLoop, shown, wordsKind } from './testing/scene.ts';
import type { PromotionScene, Script } from './testing/scene.ts';
import type { LoopSpec } from './contract.ts';
import type { ProposalView } from './view.ts';

let store: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  store = await fileDatabase();
});
afterAll(() => store.drop());
let workspaces = 0;

async function house(over: Partial<LoopSpec['settings']> = {}) {
  const { database } = store;
  const name = `promotion-${(workspaces += 1)}`;
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, name));
  const scene = await promotionScene(database, workspaceId);
  onTestFinished(() => scene.close());
  const words = wordsKind();
  await scene.promotion.registerKind(words.spec, 'kora');
  const script: Script = { drafts: [draftOf()], passed: true, measure: shown('unclear') };
  await scene.promotion.registerLoop(scriptedLoop(script, over), 'tides', () => undefined);
  const told = async (): Promise<string[]> =>
    (await listMessages(database, workspaceId, {})).map(({ title }) => title);
  return { ...scene, database, workspaceId, words, script, told };
}

async function theOne({ promotion }: Pick<PromotionScene, 'promotion'>): Promise<ProposalView> {
  const [one, ...others] = await promotion.list();
  expect(others).toEqual([]);
  if (one === undefined) throw new Error('nothing was proposed');
  return one;
}

function agree(at: Pick<PromotionScene, 'promotion'>, { id, revision, digest }: ProposalView) {
  return at.promotion.approve({ id, revision, digest, by: 'operator', reason: 'it is right' });
}

test('five identical cycles make one proposal, of which the operator is told once (daemon defect W60)', async () => {
  const at = await house();
  const runs = [];
  for (let n = 0; n < 5; n += 1) runs.push(await at.cycle());
  expect(runs.map(({ proposed }) => proposed)).toEqual([1, 0, 0, 0, 0]);
  expect(runs[4]).toMatchObject({ outcome: 'ok', observed: 100, drafts: 1, unchanged: 1, refused: [] });
  expect(await theOne(at)).toMatchObject({ decision: 'pending', application: 'not_started', revision: 1 });
  expect(await at.told()).toEqual(['Answer "how high" at no cost']);
  expect(await at.events()).toEqual(['proposed', 'loop_ran', 'loop_ran', 'loop_ran', 'loop_ran', 'loop_ran']);
});

test('what was rejected returns when its evidence has doubled, and so does what was taken back', async () => {
  const at = await house();
  await at.cycle();
  const { id, revision, digest } = await theOne(at);
  await at.promotion.reject({ id, revision, digest, by: 'operator', reason: 'no' });
  at.script.drafts = [draftOf(19)];
  expect((await at.cycle()).refused).toMatchObject([{ why: expect.stringContaining('it returns at 20') }]);
  at.script.drafts = [draftOf(20)];
  expect(await at.cycle()).toMatchObject({ proposed: 1 });
  const [again] = await at.promotion.list({ decision: 'pending' });
  expect(again).toMatchObject({
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    evidence: { size: 20 },
  });
  await agree(at, again ?? (await theOne(at)));
  await at.promotion.rollback({ id: again?.id ?? 0, by: 'operator', reason: 'no better' });
  at.script.drafts = [draftOf(39)];
  expect(await at.cycle()).toMatchObject({ proposed: 0 });
  at.script.drafts = [draftOf(40)];
  expect(await at.cycle()).toMatchObject({ proposed: 1 });
});

test('what was read is what is agreed to, and a word is said once (daemon defect W68)', async () => {
  const at = await house();
  await at.cycle();
  const old = await theOne(at);
  at.script.drafts = [draftOf(10, { value: { reply: '4 m' } })];
  await at.cycle();
  const now = await theOne(at);
  expect(now).toMatchObject({ id: old.id, revision: 2, change: { value: { reply: '4 m' } } });
  expect((await at.promotion.diffBetweenRevisions(old.id, 1, 2)).lines).toEqual([
    { path: 'change.value.reply', before: '"3.5 m"', after: '"4 m"' },
  ]);
  await expect(agree(at, old)).rejects.toMatchObject({
    code: 'KORA_PROPOSAL_CHANGED',
    details: { revision: 2, digest: now.digest },
  });
  // Two say it at once: one of them was first.
  const both = await Promise.allSettled([agree(at, now), agree(at, now)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(at.promotion.reject({ ...now, by: 'operator', reason: 'after all' })).rejects.toMatchObject({
    code: 'KORA_PROPOSAL_DECIDED',
  });
  const { steps } = await at.promotion.show(now.id);
  expect(steps.map(({ actor, decision, application }) => `${actor} ${decision} ${application}`)).toEqual([
    'kora pending not_started',
    'kora pending not_started',
    'operator approved not_started',
    'operator approved applied',
  ]);
});

test('a change is in force at once, on both runtimes, and a rollback puts back what was there (daemon defects W63, W70)', async () => {
  const at = await house();
  const other = await promotionScene(at.database, at.workspaceId, { clock: at.clock });
  onTestFinished(() => other.close());
  const [theirs, broken] = [wordsKind(), wordsKind()];
  await other.promotion.registerKind(
    { ...broken.spec, kind: 'a.broken', take: async (given) => void (given.length > 0 && fail()) },
    'kora',
  );
  await other.promotion.registerKind(theirs.spec, 'kora');
  await at.cycle();
  expect(await agree(at, await theOne(at))).toMatchObject({ application: 'applied' });
  expect(at.words.taken.at(-1)).toMatchObject([{ key: 'how high', value: { reply: '3.5 m' }, revision: 1 }]);
  await vi.waitFor(() => expect(theirs.taken.at(-1)).toMatchObject([{ revision: 1 }]));
  await at.pass(24);
  at.script.measure = shown('better');
  await at.sweep();
  expect(await theOne(at)).toMatchObject({ application: 'kept' });
  expect(at.words.taken.at(-1)).toMatchObject([{ trialUntil: null }]);
  // Another value for the place: what it puts back is what was learned before it.
  at.script.drafts = [draftOf(10, { value: { reply: '4 m' } })];
  await at.cycle();
  const [second] = await at.promotion.list({ decision: 'pending' });
  await agree(at, second ?? (await theOne(at)));
  await vi.waitFor(() =>
    expect(theirs.taken.at(-1)).toMatchObject([{ value: { reply: '4 m' }, revision: 2 }]),
  );
  await at.promotion.rollback({ id: second?.id ?? 0, by: 'operator', reason: 'no better' });
  expect(at.words.taken.at(-1)).toMatchObject([{ value: { reply: '3.5 m' }, revision: 3 }]);
  const first = (await at.promotion.list({ application: 'kept' }))[0];
  await at.promotion.rollback({ id: first?.id ?? 0, by: 'operator', reason: 'nor that' });
  expect(at.words.taken.at(-1)).toEqual([]);
  expect(await at.promotion.overlays()).toEqual([]);
});

function fail(): never {
  throw new Error('it does not take that');
}

test('what a trial shows to be worse is taken back by itself; what cannot be measured says so', async () => {
  const at = await house();
  await at.cycle();
  await agree(at, await theOne(at));
  await at.pass(1);
  at.script.measure = new Error('no figures');
  await at.sweep();
  expect(await theOne(at)).toMatchObject({ application: 'applied', measure: { verdict: 'unclear' } });
  expect(at.errors).toHaveLength(1);
  await at.pass(1);
  at.script.measure = shown('worse', 'one answer in five was another');
  await at.sweep();
  expect(await theOne(at)).toMatchObject({ application: 'rolled_back', measure: { verdict: 'worse' } });
  expect(at.words.taken.at(-1)).toEqual([]);
  expect((await at.told()).at(-1)).toBe('Taken back: Answer "how high" at no cost');
  expect((await at.events()).at(-1)).toBe('rolled_back');
});

test('a trial that shows too little is three times as long, and is kept with that said', async () => {
  const at = await house();
  await at.cycle();
  const { id } = await agree(at, await theOne(at));
  for (const until of [24, 48]) {
    await at.pass(24);
    await at.sweep();
    expect(await theOne(at)).toMatchObject({ application: 'applied' });
    expect((await at.promotion.show(id)).steps.at(-1)?.reason).toContain('too little');
    expect(until).toBeLessThan(72);
  }
  await at.pass(24);
  await at.sweep();
  expect(await theOne(at)).toMatchObject({ application: 'kept', measure: { verdict: 'unclear' } });
  expect((await at.told()).at(-1)).toContain('nobody can say what it did');
});

test('nobody decides: it expires. Another promises more: it is superseded. What is proven wrong is not proposed', async () => {
  const at = await house();
  at.script.passed = false;
  expect((await at.cycle()).refused).toMatchObject([{ why: 'not on held-out history: precision 0.7' }]);
  at.script.passed = true;
  await at.cycle();
  const [first] = await at.promotion.list();
  const better = {
    ...draftOf(10, {}, 'what height'),
    expected: { microUsdPerDay: 9_000_000, secondsPerDay: 0 },
  };
  const bad = { title: 'bad', change: { kind: 'book.entry' } };
  const secret = draftOf(10, { key: 'b', value: { reply: 'hunter2' } }, 'b');
  at.script.drafts = [better, draftOf(), bad, secret, draftOf(10, { key: 'c', value: {} }, 'c')];
  const run = await at.cycle();
  expect(run).toMatchObject({ outcome: 'ok', drafts: 5, proposed: 1 });
  expect(run.refused).toHaveLength(4);
  expect(await at.promotion.show(first?.id ?? 0)).toMatchObject({ decision: 'superseded' });
  await at.pass(14 * 24);
  await at.sweep();
  expect((await at.promotion.list())[0]).toMatchObject({ decision: 'expired' });
  expect(await at.promotion.list({ decision: 'pending' })).toEqual([]);
});

test('what can no longer be made fails with why, and is made when it can be; low risk alone goes by itself', async () => {
  const at = await house();
  await at.cycle();
  const proposal = await theOne(at);
  at.words.refusal = 'the operator wrote something there';
  await expect(agree(at, proposal)).rejects.toMatchObject({ code: 'KORA_CHANGE_REFUSED' });
  expect(await theOne(at)).toMatchObject({ decision: 'pending' });
  at.words.refusal = null;
  // Between the word and the change something came in the way.
  at.words.refuseAt = at.words.examined + 2;
  expect(await agree(at, proposal)).toMatchObject({ decision: 'approved', application: 'failed' });
  expect((await at.told()).at(-1)).toContain('Not applied');
  expect(await at.cycle()).toMatchObject({ proposed: 0, unchanged: 1 });
  const retried = await at.promotion.retry({ id: proposal.id, by: 'operator', reason: 'mended' });
  expect(retried).toMatchObject({ application: 'applied' });
  const bold = await house({ applyLowRisk: true });
  expect(await bold.cycle()).toMatchObject({ proposed: 1 });
  expect(await theOne(bold)).toMatchObject({ decision: 'pending' });
  bold.words.risk = 'low';
  bold.script.drafts = [draftOf(10, { key: 'd' }, 'd')];
  await bold.cycle();
  expect(await bold.promotion.list({ application: 'applied' })).toMatchObject([
    { decidedBy: 'kora', change: { key: 'd' } },
  ]);
  expect((await bold.told()).at(-1)).toContain('Applied, being of low risk');
});

test('a value that no longer fits is set aside and told, and takes nothing else with it', async () => {
  const at = await house();
  await at.cycle();
  await agree(at, await theOne(at));
  await at.database.query(
    `insert into kora.promotion_overlay (workspace_id, kind, key, value, proposal_id, revision, since)
     values ($1, 'book.entry', 'old', '{"text": 1}', 99, 1, now())`,
    [at.workspaceId],
  );
  await at.promotion.reload();
  await at.promotion.reload();
  expect(at.words.taken.at(-1)).toMatchObject([{ key: 'how high' }]);
  expect(await at.promotion.overlays('book.entry')).toMatchObject([
    { key: 'how high', setAside: null },
    { key: 'old', setAside: expect.stringContaining('reply') },
  ]);
  expect((await at.told()).filter((title) => title.includes('set aside'))).toHaveLength(1);
});

test.each(['decided', 'applying'] as const)(
  'a runtime killed when it has %s: the next one applies once what was approved',
  async (until) => {
    const at = await house();
    await at.cycle();
    const { id } = await theOne(at);
    const script = fileURLToPath(new URL('./testing/approver.ts', import.meta.url));
    const { connection } = store;
    const job = JSON.stringify({ connection, workspaceId: at.workspaceId, id, until });
    const child = spawn(process.execPath, ['--conditions=@kora/source', script, job], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await theOne(at)).toMatchObject({ decision: 'approved', application: 'not_started' });
    expect(await at.promotion.overlays()).toEqual([]);
    await Promise.all([at.sweep(), at.sweep()]);
    await at.sweep();
    expect(await at.promotion.overlays()).toMatchObject([{ key: 'how high', revision: 1 }]);
    expect((await at.events()).filter((type) => type === 'applied')).toHaveLength(1);
    expect((await at.promotion.show(id)).steps.map(({ application }) => application)).toEqual([
      'not_started',
      'not_started',
      'applied',
    ]);
  },
);

import { afterAll, beforeAll, expect, test } from 'vitest';
import { houseChanges, learnedFieldsOf } from './house-changes.ts';
import { connectWords } from './phrasebook-answers.ts';
import type { ChangeKindSpec, Overlay } from './promotion/contract.ts';
import { isCompared, pastQuestions, Phrasebook, Snapshots } from './reason/index.ts';
import { sampleSections } from './reason/snapshot/testing/whole.ts';
import { answered, reasonBench } from './reason/testing/bench.ts';
import type { ReasonBench } from './reason/testing/bench.ts';
import { house as owner, reading, toolbox } from './reason/tool/testing/toolbox.ts';
import type { Rooms } from './rooms.ts';
import { Scope } from './scope/index.ts';
import { fileDatabase } from './store/testing/database.ts';
import { ensureWorkspace } from './workspace/index.ts';

let store: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => void (store = await fileDatabase()));
afterAll(() => store.drop());

interface House extends ReasonBench {
  readonly box: ReturnType<typeof toolbox>;
  readonly phrasebook: Phrasebook;
  kind(name: string): ChangeKindSpec;
}

let houses = 0;

/** Thinking with its phrasebook, its snapshot and its tools, as a runtime has them; an engine says what it was offered. */
async function open(): Promise<House> {
  const name = `learned-${(houses += 1)}`;
  const { workspaceId } = await store.database.transaction((tx) => ensureWorkspace(tx, name));
  const bench = await reasonBench(store.database, { workspaceId });
  const { clock, reason, database } = bench;
  const onError = (where: string, error: unknown): void => void bench.errors.push({ where, error });
  const box = toolbox({ clock });
  box.grants.add('thinker cap_read_runtime');
  reason.ports.tools = box.tools;
  const learnedFields = learnedFieldsOf({ clock, onError }, () => rooms);
  const sections = [...sampleSections(), learnedFields.section];
  const keep = (): Promise<void> => Promise.resolve();
  const snapshots = new Snapshots({ clock, runtimeId: 'r1', sections, keep, onError });
  const phrasebook = new Phrasebook({
    database,
    workspaceId,
    build: '1.0.0',
    base: [],
    paths: snapshots.paths,
    stage: () => Promise.resolve(),
    questions: (limit) => pastQuestions(database, workspaceId, limit),
    onError,
  });
  const rooms = {
    database,
    workspace: { workspaceId },
    phrasebook,
    snapshots,
    learnedFields,
    tools: box.tools,
    reason,
    fixes: { changes: { kind: 'fix.envelope' } },
  } as unknown as Rooms;
  await phrasebook.open(new Scope('house'));
  connectWords({ clock }, rooms);
  bench.engine(async ({ tools, snapshot }, hands) => {
    await hands.think('1');
    return answered(
      JSON.stringify({ tools: tools.map(({ name: tool }) => tool), learned: snapshot?.['learned'] }),
    );
  });
  const kinds = houseChanges(rooms);
  return {
    ...bench,
    box,
    phrasebook,
    kind: (wanted) => kinds.find(({ kind }) => kind === wanted) ?? missing(wanted),
  };
}

function missing(kind: string): never {
  throw new TypeError(`nobody brings ${kind}`);
}

const overlay = (kind: string, key: string, value: unknown, trialUntil: string | null = null): Overlay => ({
  kind,
  key,
  value,
  proposalId: 7,
  revision: 3,
  since: '2026-11-22T12:00:00.000Z',
  trialUntil,
});

const key = 'what is left to do $';
const entry = {
  reply: '{snapshot.tickets.open} tickets are open',
  category: 'tickets',
  description: 'what is open',
};

test('an entry that is learned answers at once, its revision stands on the receipt, and taken back it answers no more (daemon defect W70)', async () => {
  const house = await open();
  const kind = house.kind('phrasebook.entry');
  expect(await house.ask({ text: 'What is left to do?' })).toMatchObject({ by: 'engine' });
  expect(await kind.examine({ key, value: entry })).toMatchObject({
    refusal: null,
    blastRadius: '1 of the last 1 questions fit it, 1 of them answered by nothing that stands before it',
  });
  await kind.take([overlay(kind.kind, key, entry)]);
  const known = await house.ask({ text: 'What is left to do?' });
  const use = { kind: kind.kind, key, revision: 3, as: 'used', wouldHave: null };
  expect(known).toMatchObject({
    by: 'phrasebook',
    text: '8 tickets are open',
    receipt: { costMicroUsd: 0, phrasebookVersion: 1, learned: [use] },
  });
  const rows = await house.database.query(
    'select learned from kora.reason_run where workspace_id = $1 and run_id = $2',
    [house.workspaceId, known.runId],
  );
  expect(rows).toEqual([{ learned: [use] }]);
  const { book } = await house.phrasebook.inForce();
  expect(book.entries).toMatchObject([
    { origin: 'learned', learned: { proposalId: 7, revision: 3 }, problem: null },
  ]);
  // What the operator writes stands before it from then on.
  const mine = [{ pattern: key, reply: 'ask Ada', category: 'mine', description: 'mine' }];
  await house.phrasebook.edit({ overlay: mine, reason: 'mine', by: 'operator' });
  const written = await house.ask({ text: 'what is left to do' });
  expect([written.text, written.receipt.learned]).toEqual(['ask Ada', undefined]);
  await house.phrasebook.edit({ overlay: [], reason: 'mine no more', by: 'operator' });
  await kind.take([]);
  const thought = await house.ask({ text: 'What is left to do?' });
  expect([thought.by, thought.receipt.learned]).toEqual(['engine', undefined]);
});

test('on trial a share of what it could answer goes to whoever thinks, with what it would have said; unless nobody can', async () => {
  const house = await open();
  const kind = house.kind('phrasebook.entry');
  await kind.take([overlay(kind.kind, key, entry, '2026-12-01T00:00:00.000Z')]);
  const place = { kind: kind.kind, key, revision: 3 };
  const compared = { ...place, as: 'compared', wouldHave: '8 tickets are open' };
  const used = { ...place, as: 'used', wouldHave: null };
  let shares = 0;
  for (let asked = 0; asked < 300 && shares < 2; asked += 1) {
    const { by, runId, receipt } = await house.ask({ text: 'What is left to do?' });
    if (isCompared(runId)) shares += 1;
    expect([by, receipt.learned]).toEqual(
      isCompared(runId) ? ['engine', [compared]] : ['phrasebook', [used]],
    );
  }
  expect(shares).toBe(2);
  house.move({ stopLevel: 2 });
  for (let asked = 0, share = 0; asked < 300 && share < 1; asked += 1) {
    const { by, runId, receipt } = await house.ask({ text: 'What is left to do?' });
    if (isCompared(runId)) share += 1;
    expect([by, receipt.learned]).toEqual(['phrasebook', [used]]);
  }
});

test('a field that is learned stands in the next snapshot and in replies, tools that are trimmed in no run, until they are taken back', async () => {
  const house = await open();
  for (const name of ['alpha', 'beta', 'delta', 'gamma', 'kappa'])
    house.box.tools.registry.register(
      reading({ name, run: () => Promise.resolve({ content: { depth: 12 } }) }),
      owner,
    );
  const [field, trims, entries] = ['snapshot.field', 'tools.trimmed', 'phrasebook.entry'].map((name) =>
    house.kind(name),
  );
  const said = async (): Promise<unknown> => JSON.parse((await house.ask({ phrasebook: false })).text);
  const before = await said();
  expect(before).toMatchObject({ tools: ['alpha', 'beta', 'delta', 'gamma', 'kappa'] });
  const source = { tool: 'alpha', input: {}, pick: 'depth', everyS: 60, type: 'number' };
  const depth = { ...entry, reply: '{snapshot.learned.depth} m' };
  const change = { key: 'how deep is it $', value: depth };
  expect(await entries?.examine(change)).toMatchObject({
    refusal: expect.stringContaining('no field') as string,
  });
  await field?.take([overlay('snapshot.field', 'learned.depth', source)]);
  expect(await entries?.examine(change)).toMatchObject({ refusal: null });
  await entries?.take([overlay('phrasebook.entry', change.key, depth)]);
  await trims?.take([overlay('tools.trimmed', 'cli', { without: ['beta'] })]);
  expect(await house.ask({ text: 'how deep is it?' })).toMatchObject({ by: 'phrasebook', text: '12 m' });
  expect(await said()).toMatchObject({ tools: ['alpha', 'delta', 'gamma', 'kappa'], learned: { depth: 12 } });
  await trims?.take([]);
  await field?.take([]);
  // The reply has nothing to read any more: whoever thinks is asked.
  expect(await house.ask({ text: 'how deep is it?' })).toMatchObject({ by: 'engine' });
  expect(await said()).toMatchObject({ tools: ['alpha', 'beta', 'delta', 'gamma', 'kappa'] });
  expect(house.errors).toEqual([]);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { keepSnapshot, keptSnapshot, keptSnapshots, ticketSamples } from '../snapshot/kept.ts';
import { sampleSnapshot } from '../snapshot/testing/whole.ts';
import type { Entry } from './contract.ts';
import { Phrasebook } from './phrasebook.ts';
import { pastQuestions } from './questions.ts';

let store: TestDatabase & { readonly drop: () => Promise<void> };
let workspaceId: number;
beforeAll(async () => void (store = await fileDatabase()));
afterAll(async () => await store.drop());
beforeEach(async () => {
  const name = `w${systemClock().uuid()}`;
  ({ workspaceId } = await store.database.transaction((tx) => ensureWorkspace(tx, name)));
});

const entry = (pattern: string, reply: string | null = `to ${pattern}`): Entry => ({
  pattern,
  reply,
  category: 'test',
  description: 'for a test',
});
const shipped = [entry('status'), entry('cost')];
const operator = { by: 'operator', reason: 'because' };

interface Runtime {
  readonly phrasebook: Phrasebook;
  readonly events: EventDraft[];
  readonly errors: unknown[];
  /** What it says to a text, and which version says it. */
  says(text: string): unknown;
}

/** A runtime with a pool of its own, in a build that ships these entries. */
async function runtime(base: readonly Entry[] = shipped, build = '1.0.0'): Promise<Runtime> {
  const events: EventDraft[] = [];
  const errors: unknown[] = [];
  const scope = new Scope('runtime');
  const database = ownPool();
  const phrasebook = new Phrasebook({
    database,
    workspaceId,
    build,
    base,
    paths: new Set(['snapshot.tickets.open']),
    stage: (_tx, drafts) => Promise.resolve(void events.push(...drafts)),
    questions: (limit) => pastQuestions(database, workspaceId, limit),
    onError: (_where, error) => errors.push(error),
  });
  onTestFinished(async () => {
    await scope.dispose();
    await database.close();
  });
  await phrasebook.open(scope);
  const says = (text: string): unknown => phrasebook.answer(text, null, 0);
  return { phrasebook, events, errors, says };
}

function ownPool(): Database {
  return openPool({
    connection: store.connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
}

describe('a phrasebook', () => {
  it('begins with what was shipped, as version 1, and no event says so', async () => {
    const { phrasebook, events, says } = await runtime();
    expect(says('status')).toEqual({ text: 'to status', version: 1 });
    expect(await phrasebook.history(10)).toMatchObject([
      {
        version: 1,
        kind: 'base',
        by: 'kora',
        reason: 'the entries of build 1.0.0',
        baseEntries: 2,
        overlayEntries: 0,
      },
    ]);
    expect(events).toEqual([]);
    expect((await runtime()).phrasebook.version).toBe(1);
  });

  it('is edited: at once here, within a notification elsewhere, and the version is in each answer (daemon defect W70)', async () => {
    const one = await runtime();
    const other = await runtime();
    const made = await one.phrasebook.edit({
      overlay: [entry('hello'), entry('status', 'mine')],
      ...operator,
    });
    expect(made).toMatchObject({
      version: 2,
      kind: 'edit',
      by: 'operator',
      reason: 'because',
      overlayEntries: 2,
    });
    expect(one.says('hello')).toEqual({ text: 'to hello', version: 2 });
    await expect.poll(() => other.says('status')).toEqual({ text: 'mine', version: 2 });
    expect(one.events).toMatchObject([
      {
        type: 'phrasebook.updated',
        actorId: 'operator',
        payload: { version: 2, entries_before: 2, entries_after: 4, proposal: null, reason: 'because' },
      },
    ]);
  });

  it('is not edited by who has read another version, nor changed by the same entries', async () => {
    const { phrasebook, events } = await runtime();
    const overlay = [entry('hello')];
    await phrasebook.edit({ overlay, expectedVersion: 1, ...operator });
    await expect(phrasebook.edit({ overlay: [], expectedVersion: 1, ...operator })).rejects.toMatchObject({
      code: 'KORA_PHRASEBOOK_CHANGED',
      details: { version: 2, expectedVersion: 1 },
    });
    expect(await phrasebook.edit({ overlay, expectedVersion: 2, ...operator })).toMatchObject({ version: 2 });
    expect(events).toHaveLength(1);
  });

  it('is made of valid entries, by an operator', async () => {
    const { phrasebook } = await runtime();
    await expect(phrasebook.edit({ overlay: [entry('*')], ...operator })).rejects.toMatchObject({
      code: 'KORA_PHRASEBOOK_INVALID',
      details: { issues: [{ entryIndex: 0, field: 'pattern' }] },
    });
    for (const by of ['kora', 'nobody'])
      await expect(phrasebook.edit({ overlay: [entry('a')], reason: 'r', by })).rejects.toMatchObject({
        code: 'KORA_DECISION_DENIED',
      });
    expect(phrasebook.version).toBe(1);
  });

  it('is reverted: to what was before the last change, and to any version', async () => {
    const { phrasebook, says, events } = await runtime();
    await phrasebook.edit({ overlay: [entry('one')], ...operator });
    await phrasebook.edit({ overlay: [entry('two')], ...operator });
    expect(await phrasebook.revert(operator)).toMatchObject({ version: 4, kind: 'revert', revertedTo: 2 });
    expect([says('one'), says('two')]).toEqual([{ text: 'to one', version: 4 }, undefined]);
    expect(await phrasebook.revert({ to: 1, ...operator })).toMatchObject({ version: 5, overlayEntries: 0 });
    expect([says('one'), says('status')]).toEqual([undefined, { text: 'to status', version: 5 }]);
    await expect(phrasebook.revert({ to: 99, ...operator })).rejects.toMatchObject({
      code: 'KORA_NOT_FOUND',
    });
    expect(events.map(({ payload }) => payload['version'])).toEqual([2, 3, 4, 5]);
    expect((await phrasebook.at(3)).book.look('two', null, 0)).toMatchObject({ outcome: 'answered' });
  });

  it('that nobody changed has nothing to revert', async () => {
    const { phrasebook } = await runtime();
    await expect(phrasebook.revert(operator)).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
  });

  it('takes over a proposal', async () => {
    const { phrasebook, events } = await runtime();
    await phrasebook.edit({ overlay: [entry('hello')], proposal: 'p-1', ...operator });
    expect(await phrasebook.history(1)).toMatchObject([{ kind: 'proposal', proposal: 'p-1' }]);
    expect(events).toMatchObject([{ payload: { proposal: 'p-1' } }]);
  });
});

describe('an upgrade', () => {
  const newer = [entry('status', 'newer'), entry('uptime')];

  it('brings its entries under the operator’s, and takes none away', async () => {
    const before = await runtime();
    await before.phrasebook.edit({ overlay: [entry('cost', 'mine')], ...operator });
    const after = await runtime(newer, '2.0.0');
    expect([after.says('cost'), after.says('status'), after.says('uptime')]).toEqual([
      { text: 'mine', version: 3 },
      { text: 'newer', version: 3 },
      { text: 'to uptime', version: 3 },
    ]);
    expect(after.events).toEqual([]);
  });

  it('beside an older build leaves each its own entries, and an edit on one reaches the other', async () => {
    const old = await runtime();
    const young = await runtime(newer, '2.0.0');
    expect([old.phrasebook.version, young.phrasebook.version]).toEqual([1, 2]);
    await old.phrasebook.reload();
    expect(old.says('status')).toEqual({ text: 'to status', version: 1 });
    await young.phrasebook.edit({ overlay: [entry('hello')], expectedVersion: 2, ...operator });
    await expect.poll(() => old.says('hello')).toEqual({ text: 'to hello', version: 4 });
    expect([old.says('status'), young.says('status')]).toEqual([
      { text: 'to status', version: 4 },
      { text: 'newer', version: 3 },
    ]);
    for (const each of [old, young, old, young]) await each.phrasebook.reload();
    expect((await old.phrasebook.history(10)).map(({ version }) => version)).toEqual([4, 3, 2, 1]);
  });

  it('under which an entry does not fit any more keeps it, says so once, and goes on with the others', async () => {
    const before = await runtime();
    await before.phrasebook.edit({
      overlay: [entry('open', '{snapshot.tickets.open}'), entry('hello')],
      ...operator,
    });
    const errors: unknown[] = [];
    const database = ownPool();
    const scope = new Scope('narrow');
    onTestFinished(async () => {
      await scope.dispose();
      await database.close();
    });
    const narrow = new Phrasebook({
      database,
      workspaceId,
      build: '3.0.0',
      base: shipped,
      paths: new Set(),
      stage: () => Promise.resolve(),
      questions: () => Promise.resolve([]),
      onError: (_where, error) => errors.push(error),
    });
    await narrow.open(scope);
    await narrow.reload();
    expect(narrow.answer('hello', null, 0)).toEqual({ text: 'to hello', version: 2 });
    expect(errors).toMatchObject([{ code: 'KORA_PHRASEBOOK_INVALID' }]);
    await narrow.edit({ overlay: [entry('hello')], ...operator });
    await expect(narrow.revert({ to: 2, ...operator })).rejects.toMatchObject({
      code: 'KORA_PHRASEBOOK_INVALID',
    });
  });
});

it('many who write at once make versions one after the other, none lost', async () => {
  const { phrasebook } = await runtime();
  const made = await Promise.all(
    Array.from({ length: 5 }, (_, n) => phrasebook.edit({ overlay: [entry(`ask ${n}`)], ...operator })),
  );
  expect(made.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6]);
  expect(phrasebook.version).toBe(6);
});

it.each([
  ['update', `update kora.phrasebook_version set reason = 'other'`],
  ['delete', 'delete from kora.phrasebook_version'],
  ['truncate', 'truncate kora.phrasebook_version'],
])('no version is rewritten by %s', async (_, statement) => {
  await runtime();
  await expect(store.database.query(statement)).rejects.toMatchObject({ code: 'KO002' });
});

it('is held against what people asked, before it is used', async () => {
  const { phrasebook } = await runtime();
  const runs: readonly (readonly [string, string])[] = [
    ['cli', 'hello'],
    ['cli', 'hello'],
    ['ticket', 'hello'],
    ['slack_dm', 'status'],
  ];
  for (const [n, [route, question]] of runs.entries())
    await store.database.query(
      `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, wake, question, status, deadline_ms, ended_at)
       values ($1, $2, 'r', $3, 'operator', 'kora ask', $4, 'answered', 1000, now())`,
      [workspaceId, `run-${n}`, route, question],
    );
  const now = { limit: 100, snapshot: null, nowMs: 0 };
  expect(await phrasebook.preview([entry('hello')], now)).toMatchObject({
    questions: 3,
    answeredBefore: 1,
    answeredAfter: 3,
    changes: [{ text: 'hello', times: 2 }],
  });
  expect(await phrasebook.preview([entry('hello')], { ...now, limit: 1 })).toMatchObject({ questions: 1 });
  await expect(phrasebook.preview([entry('*')], now)).rejects.toMatchObject({
    code: 'KORA_PHRASEBOOK_INVALID',
  });
  const plan = await store.database.query<{ 'QUERY PLAN': string }>(
    `explain select question from kora.reason_run where workspace_id = 1
     and route in ('cli', 'cockpit', 'slack_dm', 'email_inbound', 'mcp_tool', 'unknown') order by run_id desc limit 5`,
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Sort/);
});

it('snapshots are kept for a day, newest first', async () => {
  const runtimeId = systemClock().uuid();
  const at = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
  for (const hours of [30, 3, 2])
    await keepSnapshot(
      store.database,
      workspaceId,
      await sampleSnapshot({ runtime_id: runtimeId, computed_at: at(hours) }),
    );
  const kept = await keptSnapshots(store.database, workspaceId, 10);
  expect(kept).toHaveLength(2);
  expect(kept[0]).toMatchObject({
    snapshot: { schema_version: 5, tickets: { open: 8 }, runtime_id: runtimeId },
  });
  const [newest] = kept;
  expect(await keptSnapshot(store.database, workspaceId, newest?.snapshotId ?? 0)).toEqual(newest);
  await expect(keptSnapshot(store.database, workspaceId, 0)).rejects.toMatchObject({
    code: 'KORA_NOT_FOUND',
  });
});

it('the lanes of a day are as many looks at the index as it has half hours, however much is kept', async () => {
  const { database } = store;
  await database.query(
    `insert into kora.snapshot (workspace_id, runtime_id, schema_version, computed_at, body)
     select $1, gen_random_uuid(), 5, clock_timestamp() - make_interval(secs => nth * 8.64 / 2),
       jsonb_build_object('tickets', jsonb_build_object('queued', nth)) from generate_series(1, 20000) nth`,
    [workspaceId],
  );
  await database.query('analyze kora.snapshot');
  const seen: string[] = [];
  const query: Database['query'] = async (text, values) => {
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${text}`, values);
    seen.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
    return database.query(text, values);
  };
  const samples = await ticketSamples({ ...database, query }, workspaceId);
  expect(samples).toHaveLength(49);
  // Each the last of its half hour, and so the next one after the other has fewer.
  const queued = samples.map(({ tickets }) => (tickets as { queued: number } | null)?.queued ?? 0);
  expect(queued).toEqual(queued.toSorted((one, other) => other - one));
  const [plan = ''] = seen;
  expect(plan).toMatch(/Index Scan (?:Backward )?using snapshot_recent/);
  expect(plan).toMatch(/loops=49/);
  expect(plan).not.toMatch(/Seq Scan on snapshot/);
});

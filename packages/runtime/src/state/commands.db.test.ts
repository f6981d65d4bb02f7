import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import {
  acknowledgeStop,
  enforceStop,
  gateFragment,
  issueStop,
  listCommands,
  measureEffect,
  noteStopFailure,
  observeStop,
  placeHold,
  readControl,
} from './index.ts';
import type { IssuedStop, StopLevel, StopWish } from './index.ts';

interface Setting {
  readonly database: Database;
  readonly workspaceId: number;
  readonly staged: EventDraft[];
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly issue: (level: StopLevel, wish?: Partial<StopWish>) => Promise<IssuedStop>;
}

/** A workspace with an operator, an MCP client and a plugin, and what was staged in it. */
async function setting(): Promise<Setting> {
  const { database } = await testDatabase();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  await database.query(
    `insert into kora.actor (workspace_id, actor_id, kind, active) values
       ($1, 'desk', 'mcp', true), ($1, 'shop', 'plugin', true), ($1, 'ada', 'operator', false)`,
    [workspaceId],
  );
  const staged: EventDraft[] = [];
  const stage = (_: Transaction, drafts: readonly EventDraft[]): Promise<void> => {
    staged.push(...drafts);
    return Promise.resolve();
  };
  const issuer = { actorId: 'operator', kind: 'operator' } as const;
  const issue: Setting['issue'] = (level, wish = {}) =>
    database.transaction((tx) =>
      issueStop(tx, { workspaceId, stage }, { level, reason: 'a test', issuer, via: 'api', ...wish }),
    );
  return { database, workspaceId, staged, stage, issue };
}

const kinds = ['reset', 'pause', 'drain', 'abort', 'kill', 'kill'];

test('who may issue what is for the database to say, whatever a statement says (defects 1, 5)', async () => {
  const { database, workspaceId } = await setting();
  const insert = (level: number, actor: string, kind: string, named = kinds[level]): Promise<unknown> =>
    database.query(
      `insert into kora.control (workspace_id, command_id, level, kind, reason, issuer_actor, issuer_kind)
       values ($1, gen_random_uuid(), $2, $3, 'x', $4, $5)`,
      [workspaceId, level, named, actor, kind],
    );
  const may: Readonly<Record<string, readonly number[]>> = {
    'operator operator': [0, 1, 2, 3, 4, 5],
    'desk mcp': [1, 2],
    'shop plugin': [1, 2],
    'kora kora': [],
    // As somebody else, as what it is not, as nobody, as one who left.
    'kora operator': [],
    'desk operator': [],
    'nobody mcp': [],
    'ada operator': [],
  };
  for (const [issuer, levels] of Object.entries(may)) {
    const [actor = '', kind = ''] = issuer.split(' ');
    for (let level = 0; level <= 5; level += 1) {
      const said = await insert(level, actor, kind).then(
        () => 'yes',
        (error: unknown) => (error as { code: string }).code,
      );
      expect([issuer, level, levels.includes(level) ? said : ['23514', 'KR003'].includes(said)]).toEqual([
        issuer,
        level,
        levels.includes(level) ? 'yes' : true,
      ]);
    }
  }
  for (let level = 0; level <= 5; level += 1) {
    for (const kind of new Set(kinds.filter((name) => name !== kinds[level])).add('stop'))
      await expect(insert(level, 'operator', 'operator', kind), `${level} ${kind}`).rejects.toMatchObject({
        code: '23514',
      });
  }
  await expect(insert(6, 'operator', 'operator', 'kill')).rejects.toMatchObject({ code: '23514' });
});

test('kora can never issue a command, nor free itself, through the runtime either', async () => {
  const { issue, staged } = await setting();
  for (const level of [0, 1, 2, 3, 4, 5] as const) {
    const issuer = { actorId: 'kora', kind: 'kora' } as never;
    await expect(issue(level, { issuer })).rejects.toMatchObject({ code: 'KORA_STOP_REFUSED' });
  }
  expect(staged).toEqual([]);
});

test('a stop is in force until a reset: nothing else takes it back, not even a statement (defect 2)', async () => {
  const { database, workspaceId, issue } = await setting();
  await issue(3);
  for (const statement of [
    'update kora.control set level = 1, kind = $$pause$$',
    'update kora.control set superseded_by = 1',
    'update kora.control set superseded_by = 9',
    'update kora.control set expires_at = clock_timestamp()',
    'delete from kora.control',
    'truncate kora.control cascade',
  ]) {
    await expect(database.query(statement), statement).rejects.toMatchObject({ code: 'KR003' });
  }
  await issue(1, { issuer: { actorId: 'desk', kind: 'mcp' } });
  const view = await readControl(database, workspaceId);
  expect(view.stopLevel).toBe(3);
  expect(view.commands.map(({ level, kind, issuerKind }) => [level, kind, issuerKind])).toEqual([
    [3, 'abort', 'operator'],
    [1, 'pause', 'mcp'],
  ]);
});

test('a reset supersedes every open stop, and what was issued after it stands', async () => {
  const { database, workspaceId, issue, staged } = await setting();
  await issue(1);
  await issue(5);
  staged.length = 0;
  const reset = await issue(0);
  expect(reset.superseded.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(staged.map(({ type, payload }) => [type, payload['sequence'], payload['superseded_by']])).toEqual([
    ['kora.control.issued', 3, undefined],
    ['kora.control.superseded', 1, 3],
    ['kora.control.superseded', 2, 3],
  ]);
  expect((await readControl(database, workspaceId)).stopLevel).toBe(0);
  await issue(2);
  expect((await issue(0)).superseded.map(({ sequence }) => sequence)).toEqual([4]);
});

test('sequences have no gaps and rise as commands become visible, under eight issuers, some of whom give up', async () => {
  const { database, workspaceId, issue } = await setting();
  const changedMyMind = new Error('changed my mind');
  const wish = {
    level: 1,
    reason: 'x',
    issuer: { actorId: 'operator', kind: 'operator' },
    via: 'api',
  } as const;
  const giveUp = (): Promise<unknown> =>
    database
      .transaction(async (tx) => {
        await issueStop(tx, { workspaceId, stage: () => Promise.resolve() }, wish);
        throw changedMyMind;
      })
      .catch((error: unknown) => {
        if (error !== changedMyMind) throw error;
      });
  const seen: number[][] = [];
  const one = async (lane: number): Promise<void> => {
    for (let n = 0; n < 6; n += 1) {
      await ((lane + n) % 3 === 0 ? giveUp() : issue(((lane + n) % 6) as StopLevel));
      const rows = await listCommands(database, workspaceId, 100);
      seen.push(rows.map(({ sequence }) => sequence));
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, lane) => one(lane)));
  // Whoever looks sees all from 1 up to some number: what is smaller was committed before.
  for (const sequences of seen)
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, at) => sequences.length - at));
  expect(seen.at(-1)?.length).toBe(32);
});

test('a stop with an end is over then; there is no column for a target session or for being seen (defect 33)', async () => {
  const { database, workspaceId, issue } = await setting();
  const { command } = await issue(2, { expiresInMs: 3_600_000 });
  expect(Date.parse(command.expiresAt ?? '') - Date.parse(command.createdAt)).toBeCloseTo(3_600_000, -3);
  await issue(1, { expiresInMs: 1 });
  await expect.poll(async () => (await readControl(database, workspaceId)).commands.length).toBe(1);
  await expect(issue(0, { expiresInMs: 1 })).rejects.toMatchObject({ code: 'KORA_STOP_REFUSED' });
  const columns = await database.query<{ name: string }>(
    `select column_name as name from information_schema.columns where table_schema = 'kora' and table_name = 'control'`,
  );
  const names = columns.map(({ name }) => name);
  expect(names).toContain('expires_at');
  expect(names.filter((name) => /session|visible/.test(name))).toEqual([]);
});

test('a command of the same id is issued once, and answered with the first', async () => {
  const { issue, staged } = await setting();
  const commandId = '01990000-0000-7000-8000-00000000000a';
  const all = await Promise.all([issue(2, { commandId }), issue(2, { commandId }), issue(2, { commandId })]);
  expect(all.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(new Set(all.map(({ command }) => JSON.stringify(command))).size).toBe(1);
  expect(staged).toHaveLength(1);
});

const runtimeId = '01990000-0000-7000-8000-0000000000aa';
const other = '01990000-0000-7000-8000-0000000000bb';

test('each runtime acknowledges for itself; the figures are counted, and go on being counted (defects 3, 34)', async () => {
  const { database, workspaceId, issue, stage, staged } = await setting();
  const { command } = await issue(1);
  const key = { workspaceId, sequence: command.sequence, runtimeId };
  const inOne = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => database.transaction(work);
  staged.length = 0;
  const none = { claimsReleased: 0, claimsHeld: 0, callsRefused: 0 };
  expect(await inOne((tx) => enforceStop(tx, key, none, stage))).toBe(false);
  expect([await observeStop(database, key), await observeStop(database, key)]).toEqual([true, false]);
  expect(await inOne((tx) => acknowledgeStop(tx, key, stage))).toBe(true);
  expect(await inOne((tx) => acknowledgeStop(tx, key, stage))).toBe(false);
  expect(await inOne((tx) => acknowledgeStop(tx, { ...key, runtimeId: other }, stage))).toBe(true);
  await noteStopFailure(database, { ...key, runtimeId: other }, 'the handler does not end');
  let refused = 2;
  const measure = (): ReturnType<typeof measureEffect> =>
    measureEffect(database, key, {
      claimsReleased: (_, { since }) => Promise.resolve(Date.parse(since) > 0 ? 1 : 0),
      claimsHeld: () => Promise.resolve(0),
      callsRefused: (_, of) => Promise.resolve(of.runtimeId === runtimeId ? refused : 0),
    });
  const enforce = async (): Promise<boolean> => {
    const effect = await measure();
    return inOne((tx) => enforceStop(tx, key, effect, stage));
  };
  expect(await enforce()).toBe(true);
  refused = 5;
  expect(await enforce()).toBe(false);
  expect(staged.map(({ type }) => type)).toEqual([
    'kora.control.acknowledged',
    'kora.control.acknowledged',
    'kora.control.enforced',
  ]);
  expect(staged[2]?.payload).toMatchObject({ claims_released: 1, claims_held: 0, calls_refused: 2 });
  const [record] = await listCommands(database, workspaceId, 1);
  expect(record?.acknowledgements).toMatchObject([
    { runtimeId, effect: { claimsReleased: 1, claimsHeld: 0, callsRefused: 5 }, failure: null },
    { runtimeId: other, effect: null, enforcedAt: null, failure: 'the handler does not end' },
  ]);
  // Having been enforced is a fact about it, not its end.
  expect((await readControl(database, workspaceId)).stopLevel).toBe(1);
});

test('the gate of a statement is open with nothing in force, and closed by any hold or stop of its workspace', async () => {
  const { database, workspaceId, issue, stage } = await setting();
  const isOpen = async (workspace = workspaceId): Promise<boolean | undefined> =>
    (
      await database.query<{ open: boolean }>(`select ${gateFragment({ workspace: '$1' })} as open`, [
        workspace,
      ])
    )[0]?.open;
  expect(await isOpen()).toBe(true);
  await issue(1);
  expect([await isOpen(), await isOpen(workspaceId + 1)]).toEqual([false, true]);
  await issue(0);
  expect(await isOpen()).toBe(true);
  await database.transaction((tx) =>
    placeHold(tx, { workspaceId, stage }, { cause: 'operator', owner: 'operator', reason: 'x', forMs: 1 }),
  );
  await expect.poll(() => isOpen()).toBe(true);
  await database.transaction((tx) =>
    placeHold(tx, { workspaceId, stage }, { cause: 'cost', owner: 'spend', reason: 'x' }),
  );
  expect(await isOpen()).toBe(false);
});

import { expect, test } from 'vitest';
import { RefusalBook, countRefusals } from '../../admission/index.ts';
import { numbers } from '../../chain/testing/consumer.ts';
import { systemClock } from '../../clock/index.ts';
import { once } from '../../control/index.ts';
import { clearHolds, issueStop, placeHold, readControl } from '../../state/index.ts';
import type { StopWish } from '../../state/index.ts';
import { ticketBench } from '../../ticket/testing/bench.ts';
import type { TicketBench } from '../../ticket/testing/bench.ts';

/** What is told is no matter here: rows and their guards are. */
const stage = (): Promise<void> => Promise.resolve();
const issuer = { actorId: 'operator', kind: 'operator' } as const;

function issue({ database, owner }: TicketBench, wish: Partial<StopWish> & Pick<StopWish, 'level'>) {
  const whole = { reason: 'a test', issuer, via: 'api', ...wish } as const;
  return database.transaction((tx) => issueStop(tx, { workspaceId: owner.workspaceId, stage }, whole));
}

test('commands that are issued at the same time get numbers without gaps, and a reset ends them all', async () => {
  const bench = await ticketBench();
  const issued = await Promise.all(numbers(1, 8).map((n) => issue(bench, { level: n % 2 === 0 ? 1 : 3 })));
  const sequences = issued.map(({ command }) => command.sequence).sort((a, b) => a - b);
  expect(sequences).toEqual(numbers(1, 8));
  const before = await readControl(bench.database, bench.owner.workspaceId);
  expect([before.stopLevel, before.commands.length]).toEqual([3, 8]);
  const { superseded } = await issue(bench, { level: 0 });
  expect(superseded).toHaveLength(8);
  expect(await readControl(bench.database, bench.owner.workspaceId)).toMatchObject({
    stopLevel: 0,
    commands: [],
  });
});

test('who may not issue a stop, or clear a hold, is refused by the database itself', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const nobody = { actorId: 'nobody', kind: 'operator' } as const;
  await expect(issue(bench, { level: 1, issuer: nobody })).rejects.toMatchObject({
    code: 'KORA_STOP_REFUSED',
  });
  await database.query(`insert into kora.actor (workspace_id, actor_id, kind) values ($1, 'desk', 'mcp')`, [
    owner.workspaceId,
  ]);
  const desk = { actorId: 'desk', kind: 'mcp' } as const;
  await expect(issue(bench, { level: 3, issuer: desk })).rejects.toMatchObject({ code: 'KORA_STOP_REFUSED' });
  const wish = { cause: 'chain', owner: 'verifier', reason: 'damage' } as const;
  const placed = await database.transaction((tx) =>
    placeHold(tx, { workspaceId: owner.workspaceId, stage }, wish),
  );
  const cleared = database.query(`update kora.hold set cleared_at = clock_timestamp(), cleared_by = 'desk'
    where hold_id = ${placed?.holdId ?? 0}`);
  await expect(cleared).rejects.toMatchObject({ code: 'KR003' });
});

test('what is committed as a hold or a stop is never claimed past, and a claim goes on when both are gone', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const context = { workspaceId: owner.workspaceId, stage };
  await bench.add();
  const session = await bench.session();
  const hold = { cause: 'operator', owner: 'operator', reason: 'a test' } as const;
  await database.transaction((tx) => placeHold(tx, context, hold));
  expect(await bench.claim(session)).toEqual([]);
  await issue(bench, { level: 1 });
  await database.transaction((tx) => clearHolds(tx, owner.workspaceId, { by: 'operator', reason: 'over' }));
  expect(await bench.claim(session)).toEqual([]);
  await issue(bench, { level: 0 });
  expect(await bench.claim(session)).toHaveLength(1);
});

test('a commit of a hold or a stop wakes whoever listens', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  let woken = 0;
  using _listening = await database.listen(`kora_control_${owner.workspaceId}`, () => (woken += 1));
  const hold = { cause: 'operator', owner: 'operator', reason: 'a test' } as const;
  await database.transaction((tx) => placeHold(tx, { workspaceId: owner.workspaceId, stage }, hold));
  await expect.poll(() => woken).toBeGreaterThan(0);
  const before = woken;
  await issue(bench, { level: 1 });
  await expect.poll(() => woken).toBeGreaterThan(before);
});

test('a deed with a key is done once, however many ask at the same time', async () => {
  const { database, owner } = await ticketBench();
  let done = 0;
  const asking = { workspaceId: owner.workspaceId, key: 'k', deed: 'stop', wish: { level: 1 } };
  const ask = () => database.transaction((tx) => once(tx, asking, () => Promise.resolve({ n: (done += 1) })));
  expect(await Promise.all(numbers(1, 6).map(ask))).toEqual(numbers(1, 6).map(() => ({ n: 1 })));
});

test('refusals of one minute are one row, counted', async () => {
  const { database, owner } = await ticketBench();
  const { workspaceId, runtimeId } = owner;
  const book = new RefusalBook({
    database,
    workspaceId,
    runtimeId,
    clock: systemClock(),
    stage,
    onError: (where, error) => expect.unreachable(`${where}: ${String(error)}`),
  });
  const [now] = await database.query<{ at: Date }>(`select clock_timestamp() - interval '1 minute' as at`);
  for (const caller of ['one', 'two', 'one']) book.refused({ door: 'tool_call', cause: 'stop_l2', caller });
  await book.flush();
  book.refused({ door: 'tool_call', cause: 'stop_l2', caller: 'one' });
  await book.flush();
  const since = now?.at.toISOString() ?? '';
  expect(await countRefusals(database, { workspaceId, runtimeId, since })).toBe(4);
});

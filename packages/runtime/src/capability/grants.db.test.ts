import { describe, expect, onTestFinished, test } from 'vitest';
import { Scope } from '../scope/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { call, capabilityBench, operator, secondPool } from './testing/bench.ts';

const granted = { verdict: 'granted' };
const toSlack = { kind: 'plugin', subject: 'slack', ...operator } as const;
const shell = call({ capability: 'cap_local_shell_exec' });
const denied = { verdict: 'denied', cause: 'capability_denied' };

describe('a grant', () => {
  test('lets its subject through until it is revoked: here at once, elsewhere within a second', async () => {
    const bench = await capabilityBench();
    const [here, there] = [bench.runtime(), bench.runtime()];
    expect(await there.capabilities.check(shell)).toEqual(denied);
    const { grantId } = await here.capabilities.grant('cap_local_shell_exec', toSlack);
    expect(await here.capabilities.check(shell)).toEqual(granted);
    expect(await here.capabilities.check({ ...shell, caller: 'mail' })).toEqual(denied);
    expect(await here.capabilities.check({ ...shell, caller: 'mcp:slack' })).toEqual(denied);
    await there.clock.advance(1_000);
    expect(await there.capabilities.check(shell)).toEqual(granted);

    expect(await here.capabilities.revoke({ grantId, ...operator })).toMatchObject({ status: 'revoked' });
    expect(await here.capabilities.check(shell)).toEqual(denied);
    await there.clock.advance(1_000);
    expect(await there.capabilities.check(shell)).toEqual(denied);
    expect(await bench.bodies('kora.capability.revoked')).toEqual([
      expect.objectContaining({ grant_id: grantId, subject: 'slack', reason: 'because' }),
    ]);
  });

  test('that is revoked elsewhere is told, without waiting for the second', async () => {
    const made = await testDatabase();
    const bench = await capabilityBench(made.database);
    const here = bench.runtime({ database: secondPool(made) });
    const there = bench.runtime();
    const scope = new Scope('test');
    onTestFinished(() => scope.dispose());
    await there.capabilities.open(scope);
    const { grantId } = await here.capabilities.grant('cap_local_shell_exec', toSlack);
    // The clock of the other one stands still: what it has read would be good for ever.
    await expect.poll(() => there.capabilities.check(shell)).toEqual(granted);
    await here.capabilities.revoke({ grantId, ...operator });
    await expect.poll(() => there.capabilities.check(shell)).toEqual(denied);
  });

  test('ends in its time, and another takes the place of the one before', async () => {
    const bench = await capabilityBench();
    const { capabilities, clock } = bench.runtime();
    const first = await capabilities.grant('cap_local_shell_exec', { ...toSlack, forMs: 60_000 });
    expect(await capabilities.check(shell)).toEqual(granted);
    await clock.advance(60_000);
    // Its time is the database's: this clock alone went on, so it asks again and is told the truth.
    expect(await capabilities.check(shell)).toEqual(granted);
    const second = await capabilities.grant('cap_local_shell_exec', { ...toSlack, forMs: 1 });
    await expect.poll(() => capabilities.grants()).toEqual([]);
    await clock.advance(1_000);
    expect(await capabilities.check(shell)).toEqual(denied);
    const all = await capabilities.grants({ all: true });
    expect(all.map(({ grantId, status }) => [grantId, status])).toEqual([
      [second.grantId, 'expired'],
      [first.grantId, 'revoked'],
    ]);
  });

  test('of what nobody declares is refused; one of a capability that went away lets nothing through, and is named', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    await expect(capabilities.grant('cap_send_fax', toSlack)).rejects.toMatchObject({
      code: 'KORA_CAPABILITY_UNKNOWN',
    });
    const spec = { id: 'cap_send_fax', title: 'send a fax', risk: 'low', defaultVerdict: 'denied' } as const;
    const undo = capabilities.register(spec, 'fax');
    const { grantId } = await capabilities.grant('cap_send_fax', toSlack);
    const fax = call({ capability: 'cap_send_fax' });
    expect(await capabilities.check(fax)).toEqual(granted);
    expect((await capabilities.load()).unknown).toEqual([]);
    undo();
    expect(await capabilities.check(fax)).toEqual({ verdict: 'denied', cause: 'capability_unmapped' });
    // Another plugin that takes the name takes no grant with it.
    capabilities.register(spec, 'stranger');
    expect(await capabilities.check(fax)).toEqual(denied);
    expect(await capabilities.load()).toMatchObject({
      grants: 1,
      unknown: [{ grantId, capability: 'cap_send_fax', to: 'plugin:slack' }],
    });
  });

  test('twice revoked is revoked once; one that never was is not there', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const { grantId } = await capabilities.grant('cap_local_shell_exec', toSlack);
    const first = await capabilities.revoke({ grantId, ...operator });
    expect(await capabilities.revoke({ grantId, ...operator, reason: 'again' })).toEqual(first);
    expect(await bench.bodies('kora.capability.revoked')).toHaveLength(1);
    await expect(capabilities.revoke({ grantId: 99, ...operator })).rejects.toMatchObject({
      code: 'KORA_GRANT_UNKNOWN',
    });
  });
});

test('only an active operator of the workspace grants, revokes and decides: the database says so', async () => {
  const bench = await capabilityBench();
  const { capabilities } = bench.runtime();
  await bench.database.query(
    `insert into kora.actor (workspace_id, actor_id, kind, active)
     values ($1, 'slack', 'plugin', true), ($1, 'claude', 'mcp', true), ($1, 'gone', 'operator', false)`,
    [bench.workspaceId],
  );
  const { grantId } = await capabilities.grant('cap_local_shell_exec', toSlack);
  const answer = await capabilities.check(call());
  const approvalId = answer.verdict === 'ask' ? answer.approvalId : 0;
  const no = { code: 'KORA_DECISION_DENIED' };
  for (const by of ['kora', 'slack', 'claude', 'gone', 'nobody']) {
    const other = { ...toSlack, subject: 'mail', by };
    await expect(capabilities.grant('cap_local_shell_exec', other), by).rejects.toMatchObject(no);
    await expect(capabilities.revoke({ grantId, by, reason: 'r' }), by).rejects.toMatchObject(no);
    for (const verdict of ['approved', 'refused'] as const)
      await expect(capabilities.decide({ approvalId, verdict, by, reason: 'r' }), by).rejects.toMatchObject(
        no,
      );
  }
  expect(await capabilities.check(shell)).toEqual(granted);
  expect(await capabilities.approval(approvalId)).toMatchObject({ status: 'pending' });
});

test('what a row may become is said by the database, to every hand', async () => {
  const bench = await capabilityBench();
  const { database } = bench;
  const { capabilities } = bench.runtime();
  await capabilities.grant('cap_local_shell_exec', toSlack);
  const answer = await capabilities.check(call());
  expect(answer.verdict).toBe('ask');
  const decided = `decided_at = clock_timestamp(), decided_by = 'operator', decision_reason = 'r'`;
  const forbidden = [
    `update kora.approval set status = 'used', used_at = clock_timestamp(), ${decided}`,
    `update kora.approval set status = 'approved'`,
    `update kora.approval set caller = 'mail'`,
    `update kora.approval set expires_at = expires_at + interval '1 day'`,
    `update kora.approval set arguments_hash = repeat('b', 64)`,
    `delete from kora.approval`,
    `truncate kora.approval`,
    `update kora.capability_grant set subject = 'mail'`,
    `update kora.capability_grant set expires_at = null, owner = 'mail'`,
    `delete from kora.capability_grant`,
  ];
  for (const statement of forbidden)
    await expect(database.query(statement), statement).rejects.toMatchObject({
      code: expect.stringMatching(/^KO00[12]$/),
    });
  await database.query(`update kora.approval set status = 'refused', ${decided}`);
  for (const status of ['pending', 'approved', 'expired', 'used'])
    await expect(
      database.query(`update kora.approval set status = $1, used_at = case $1 when 'used' then now() end`, [
        status,
      ]),
      status,
    ).rejects.toThrow('cannot become');
});

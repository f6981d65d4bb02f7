import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Scope } from '../scope/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { call, capabilityBench, hashOf, operator, secondPool } from './testing/bench.ts';
import type { CapabilityBench, Runtime } from './testing/bench.ts';

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
  for (const statement of forbidden) await expect(database.query(statement), statement).rejects.toThrow();
  await database.query(`update kora.approval set status = 'refused', ${decided}`);
  for (const status of ['pending', 'approved', 'expired', 'used'])
    await expect(
      database.query(`update kora.approval set status = $1, used_at = case $1 when 'used' then now() end`, [
        status,
      ]),
      status,
    ).rejects.toThrow('cannot become');
});

type Step =
  | { readonly do: 'grant'; readonly at: number; readonly caller: number; readonly capability: number }
  | { readonly do: 'revoke' | 'approve' | 'refuse' | 'expire'; readonly at: number; readonly which: number }
  | {
      readonly do: 'call';
      readonly at: number;
      readonly caller: number;
      readonly capability: number;
      readonly text: number;
      readonly id: number;
      readonly named: number | null;
    };

const callers = ['slack', 'mcp:slack'];
const declared = ['cap_web_fetch', 'cap_local_shell_exec', 'cap_unheard_of'];
const two = fc.nat({ max: 1 });
// Mostly one caller and one capability that asks: then approvals are decided, used, and tried again.
const caller = fc.constantFrom(0, 0, 0, 1);
const capability = fc.constantFrom(0, 0, 0, 0, 0, 1, 2);
const which = fc.constantFrom(0, 1, 1, 2, 3);
const aCall = fc.record({
  do: fc.constant('call' as const),
  at: two,
  caller,
  capability,
  text: two,
  id: two,
  named: fc.option(which),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: aCall },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('approve' as const), at: two, which }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('revoke' as const, 'refuse' as const, 'expire' as const),
        at: two,
        which,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('grant' as const),
        at: two,
        caller: two,
        capability: fc.nat({ max: 1 }),
      }),
    },
  ),
  { minLength: 20, maxLength: 50, size: 'max' },
);

interface Asked {
  readonly approvalId: number;
  /** Caller, capability and arguments: what the operator was asked about. */
  readonly about: string;
  readonly key: string;
  status: 'pending' | 'approved' | 'over' | 'used';
}

/** What the random plans came to: a law that was never put to the test proves nothing. */
const reached = { used: 0, triedAgain: 0, misfit: 0 };

/** What must be so, in words that can be checked by reading. */
class Reference {
  readonly grants: { readonly grantId: number; readonly key: string; live: boolean }[] = [];
  readonly asked: Asked[] = [];

  answer(step: Step & { do: 'call' }): string {
    const [caller, name] = [callers[step.caller], declared[step.capability]];
    if (name === 'cap_unheard_of') return 'denied';
    if (this.grants.some(({ key, live }) => live && key === `${caller} ${name}`)) return 'granted';
    if (name === 'cap_local_shell_exec') return 'denied';
    const found = this.found(step);
    const about = `${caller} ${name} ${step.text}`;
    if (found === undefined)
      return step.named !== null && this.asked[step.named] === undefined ? 'denied' : 'ask';
    if (found.about !== about || found.status === 'over' || found.status === 'used') return 'denied';
    return found.status === 'approved' ? 'granted' : 'ask';
  }

  /** The approval that the call named, else its own, else the open one about the same. */
  found(step: Step & { do: 'call' }): Asked | undefined {
    if (step.named !== null) return this.asked[step.named];
    const caller = callers[step.caller];
    const about = `${caller} ${declared[step.capability]} ${step.text}`;
    return (
      this.asked.find(({ key }) => key === `${caller} ${step.id}`) ??
      this.asked.find((each) => each.about === about && each.status === 'pending')
    );
  }
}

async function run(
  bench: CapabilityBench,
  runtimes: readonly Runtime[],
  reference: Reference,
  step: Step,
): Promise<void> {
  const runtime = runtimes[step.at];
  if (runtime === undefined) return;
  const { capabilities } = runtime;
  if (step.do === 'call') {
    const expected = reference.answer(step);
    const found = reference.found(step);
    const name = declared[step.capability] ?? '';
    const caller = callers[step.caller] ?? '';
    const isGranted = reference.grants.some(({ key, live }) => live && key === `${caller} ${name}`);
    const named =
      step.named === null ? {} : { approvalId: reference.asked[step.named]?.approvalId ?? 9_999_999 };
    const request = {
      caller,
      capability: name,
      callId: `call-${step.id}`,
      argumentsHash: hashOf(`${step.text}`),
    };
    const answer = await capabilities.check(call({ ...request, ...named }));
    expect(answer.verdict).toBe(expected);
    if (answer.verdict === 'granted' && !isGranted && found !== undefined) {
      found.status = 'used';
      reached.used += 1;
    } else if (answer.verdict === 'denied' && found?.status === 'used') reached.triedAgain += 1;
    else if (answer.verdict === 'denied' && found?.status === 'approved') reached.misfit += 1;
    if (answer.verdict === 'ask' && found === undefined)
      reference.asked.push({
        approvalId: answer.approvalId,
        about: `${caller} ${name} ${step.text}`,
        key: `${caller} ${step.id}`,
        status: 'pending',
      });
    else if (answer.verdict === 'ask') expect(answer.approvalId).toBe(found?.approvalId);
  } else if (step.do === 'grant') {
    const [caller, name] = [callers[step.caller] ?? '', declared[step.capability] ?? ''];
    const kind = caller.startsWith('mcp:') ? 'mcp' : 'plugin';
    const grant = await capabilities.grant(name, { kind, subject: 'slack', ...operator });
    for (const each of reference.grants) if (each.key === `${caller} ${name}`) each.live = false;
    reference.grants.push({ grantId: grant.grantId, key: `${caller} ${name}`, live: true });
  } else if (step.do === 'revoke') {
    const grant = reference.grants[step.which];
    if (grant === undefined) return;
    await capabilities.revoke({ grantId: grant.grantId, ...operator });
    grant.live = false;
  } else {
    await decideOrExpire(bench, runtime, reference, step);
  }
  // What another runtime has read is good for a second.
  for (const other of runtimes) if (other !== runtime) await other.clock.advance(1_000);
}

async function decideOrExpire(
  bench: CapabilityBench,
  { capabilities }: Runtime,
  reference: Reference,
  step: Step & { which: number },
): Promise<void> {
  const asked = reference.asked[step.which];
  if (asked === undefined) return;
  if (step.do === 'expire') {
    await bench.passTime(asked.approvalId);
    asked.status = 'over';
    return;
  }
  const verdict = step.do === 'approve' ? 'approved' : 'refused';
  const decided = capabilities.decide({ approvalId: asked.approvalId, verdict, ...operator });
  if (asked.status === 'pending') {
    await decided;
    asked.status = step.do === 'approve' ? 'approved' : 'over';
  } else {
    // Decided already: the same again is harmless, anything else is refused; neither opens what is over.
    await decided.catch((error: unknown) => expect(error).toMatchObject({ code: 'KORA_APPROVAL_DECIDED' }));
  }
}

test('law: nothing passes without a live grant or an unused approval of this very call, and an approval passes one', async () => {
  const made = await testDatabase();
  const other = secondPool(made);
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const bench = await capabilityBench(made.database);
      const runtimes = [bench.runtime(), bench.runtime({ database: other })];
      const reference = new Reference();
      for (const step of plan) await run(bench, runtimes, reference, step);
      const [count] = await bench.database.query<{ used: number; approved: number }>(
        `select count(*) filter (where type = 'kora.approval.used') as used,
           count(*) filter (where type = 'kora.approval.approved') as approved
         from kora.stage where workspace_id = $1`,
        [bench.workspaceId],
      );
      expect(count?.used).toBeLessThanOrEqual(count?.approved ?? 0);
    }),
    { numRuns: 100 },
  );
  for (const [what, times] of Object.entries(reached)) expect(times, what).toBeGreaterThan(0);
}, 120_000);

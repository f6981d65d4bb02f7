import { describe, expect, onTestFinished, test } from 'vitest';
import { scene } from '../admission/testing/scene.ts';
import { fault } from '../fault/index.ts';
import { Scope } from '../scope/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import type { CapabilityRequest } from './capabilities.ts';
import { call, capabilityBench, hashOf, operator, secondPool } from './testing/bench.ts';
import type { CapabilityBench } from './testing/bench.ts';

async function asked(bench: CapabilityBench, over: Partial<CapabilityRequest> = {}): Promise<number> {
  const answer = await bench.runtime().capabilities.check(call(over));
  expect(answer.verdict).toBe('ask');
  return answer.verdict === 'ask' ? answer.approvalId : 0;
}

const approve = { verdict: 'approved', ...operator } as const;
const refuse = { verdict: 'refused', ...operator } as const;
const refused = { verdict: 'denied', cause: 'approval_refused' };

describe('a call without a grant', () => {
  test('of a capability that nobody declared is refused, whatever it is called (defects 16, 17)', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    for (const capability of ['cap_unheard_of', 'kora__anything', '', '__proto__', 'constructor'])
      expect(await capabilities.check(call({ capability, what: 'kora__delete', caller: 'kora' }))).toEqual({
        verdict: 'denied',
        cause: 'capability_unmapped',
      });
    expect(await bench.staged()).toEqual(['kora.capability.denied']);
    expect(await bench.database.query('select from kora.approval')).toEqual([]);
  });

  test('to the name of the house gets nothing for the name (defect 17)', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const shell = { capability: 'cap_local_shell_exec' };
    for (const over of [{ caller: 'kora' }, { what: 'kora__shell' }, { caller: 'mcp:kora' }])
      expect(await capabilities.check(call({ ...shell, ...over }))).toEqual({
        verdict: 'denied',
        cause: 'capability_denied',
      });
  });

  test('asks the operator once, with the commands that answer, and records it', async () => {
    const bench = await capabilityBench();
    const claim = { ticketId: 7, fence: 3 };
    const approvalId = await asked(bench, { reason: 'look up\nthe weather', claim });
    expect(await asked(bench, { claim })).toBe(approvalId);
    expect(await bench.staged()).toEqual(['kora.escalation.requested']);
    const [message, ...more] = await bench.messages();
    expect(more).toEqual([]);
    expect(message?.title).toBe(`approval ${approvalId}: may slack use tool:web_search?`);
    expect(message?.body).toContain(`kora approve ${approvalId} --reason`);
    expect(message?.body).toContain(`kora deny ${approvalId} --reason`);
    expect(message?.body).toContain('"look up\\nthe weather"');
    const view = await bench.runtime().capabilities.approval(approvalId);
    expect(view).toMatchObject({ status: 'pending', caller: 'slack', ticketId: 7 });
    expect(Date.parse(view.expiresAt) - Date.parse(view.requestedAt)).toBeCloseTo(900_000, -3);
  });

  test('asked for under another id while the question is open, it is the same question', async () => {
    const bench = await capabilityBench();
    const first = await asked(bench, { callId: 'a' });
    expect(await asked(bench, { callId: 'b' })).toBe(first);
    expect(await asked(bench, { callId: 'c', argumentsHash: hashOf('two') })).not.toBe(first);
    expect(await bench.messages()).toHaveLength(2);
  });

  test('asked for at the same time over two connections, it is one question', async () => {
    const made = await testDatabase();
    const bench = await capabilityBench(made.database);
    const here = bench.runtime().capabilities;
    const there = bench.runtime({ database: secondPool(made) }).capabilities;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? here : there).check(call({ callId: `c${n % 3}` }))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await bench.staged()).toEqual(['kora.escalation.requested']);
    expect(await bench.messages()).toHaveLength(1);
  });

  test('a caller that asks for ever more is told no, and others still ask', async () => {
    const bench = await capabilityBench();
    for (let n = 0; n < 20; n += 1) await asked(bench, { callId: `c${n}`, argumentsHash: hashOf(`${n}`) });
    const { capabilities } = bench.runtime();
    expect(await capabilities.check(call({ callId: 'more', argumentsHash: hashOf('more') }))).toEqual({
      verdict: 'denied',
      cause: 'capability_denied',
    });
    await asked(bench, { caller: 'mail' });
  });

  test('whose question cannot be told or recorded is refused alone; nothing of it stays (defect 16)', async () => {
    const bench = await capabilityBench();
    const lost = bench.runtime({
      ask: () => Promise.reject(fault('KORA_INTERNAL', 'no outbox')),
    }).capabilities;
    const unrecorded = bench.runtime({
      stage: () => Promise.reject(fault('KORA_INTERNAL', 'no stage')),
    }).capabilities;
    await expect(lost.check(call())).rejects.toThrow('no outbox');
    await expect(unrecorded.check(call())).rejects.toThrow('no stage');
    expect(await bench.database.query('select from kora.approval')).toEqual([]);
    expect([await bench.staged(), await bench.messages()]).toEqual([[], []]);
    const together = await Promise.allSettled([
      lost.check(call({ caller: 'mail' })),
      bench.runtime().capabilities.check(call()),
    ]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('an approval', () => {
  test('lets through the one call it is about, once', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const approvalId = await asked(bench);
    await capabilities.decide({ approvalId, ...approve });
    expect(await capabilities.check(call({ approvalId }))).toEqual({ verdict: 'granted' });
    expect(await capabilities.check(call({ approvalId }))).toEqual(refused);
    expect(await capabilities.check(call())).toEqual(refused);
    expect(await bench.staged()).toEqual([
      'kora.escalation.requested',
      'kora.approval.approved',
      'kora.approval.used',
      'kora.capability.denied',
    ]);
  });

  test('is found by the call’s own id, too', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    await capabilities.decide({ approvalId: await asked(bench), ...approve });
    expect(await capabilities.check(call())).toEqual({ verdict: 'granted' });
  });

  test('is none for another call', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const approvalId = await asked(bench);
    await capabilities.decide({ approvalId, ...approve });
    const others: Partial<CapabilityRequest>[] = [
      { argumentsHash: hashOf('two') },
      { what: 'tool:web_delete' },
      { what: 'channel:web_search' },
      { caller: 'mail' },
      { caller: 'kora' },
      { capability: 'cap_memory_io' },
    ];
    for (const other of others)
      expect(await capabilities.check(call({ ...other, approvalId }))).toEqual(refused);
    expect(await capabilities.check(call({ approvalId }))).toEqual({ verdict: 'granted' });
  });

  test('of another workspace, or of nobody, is refused', async () => {
    const bench = await capabilityBench();
    const elsewhere = await capabilityBench(bench.database);
    const approvalId = await asked(bench);
    await bench.runtime().capabilities.decide({ approvalId, ...approve });
    for (const named of [approvalId, 4_711])
      expect(await elsewhere.runtime().capabilities.check(call({ approvalId: named }))).toEqual(refused);
  });

  test('that was refused stays so, for its call and its name', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const approvalId = await asked(bench);
    await capabilities.decide({ approvalId, ...refuse });
    expect(await capabilities.check(call())).toEqual(refused);
    expect(await capabilities.check(call({ approvalId, callId: 'another' }))).toEqual(refused);
    await expect(capabilities.decide({ approvalId, ...approve })).rejects.toMatchObject({
      code: 'KORA_APPROVAL_DECIDED',
      details: { status: 'refused' },
    });
  });

  test.each(['pending', 'approved'])(
    'whose time is over while %s lets nothing through, and says so',
    async (was) => {
      const bench = await capabilityBench();
      const { capabilities } = bench.runtime();
      const approvalId = await asked(bench);
      if (was === 'approved') await capabilities.decide({ approvalId, ...approve });
      await bench.passTime(approvalId);
      expect(await capabilities.approval(approvalId)).toMatchObject({ status: 'expired' });
      expect(await capabilities.approvals()).toEqual([]);
      await expect(capabilities.decide({ approvalId, ...refuse })).rejects.toMatchObject({
        code: 'KORA_APPROVAL_DECIDED',
      });
      expect(await capabilities.check(call())).toEqual(refused);
      expect(await bench.bodies('kora.approval.expired')).toEqual([expect.objectContaining({ was })]);
      // The same under a new id is a new question.
      expect(await asked(bench, { callId: 'again' })).not.toBe(approvalId);
    },
  );

  test('runs out by itself where somebody keeps house', async () => {
    const bench = await capabilityBench();
    const { capabilities, clock } = bench.runtime();
    const scope = new Scope('test');
    onTestFinished(() => scope.dispose());
    await capabilities.open(scope);
    const approvalId = await asked(bench);
    await bench.passTime(approvalId);
    await expect
      .poll(async () => {
        await clock.advance(10_000);
        return bench.bodies('kora.approval.expired');
      })
      .toEqual([
        { approval: String(approvalId), capability: 'cap_web_fetch', caller: 'slack', was: 'pending' },
      ]);
  });

  test('decided twice the same way is decided once', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const approvalId = await asked(bench);
    const first = await capabilities.decide({ approvalId, ...approve });
    expect(await capabilities.decide({ approvalId, ...approve, reason: 'again' })).toEqual(first);
    expect(await bench.bodies('kora.approval.approved')).toHaveLength(1);
    await expect(capabilities.decide({ approvalId: 99, ...approve })).rejects.toMatchObject({
      code: 'KORA_APPROVAL_UNKNOWN',
    });
  });

  test('taken by many calls at once over two connections lets one through', async () => {
    const made = await testDatabase();
    const bench = await capabilityBench(made.database);
    const here = bench.runtime().capabilities;
    const there = bench.runtime({ database: secondPool(made) }).capabilities;
    for (let round = 0; round < 10; round += 1) {
      const over = { callId: `call-${round}`, argumentsHash: hashOf(`${round}`) };
      const approvalId = await asked(bench, over);
      await here.decide({ approvalId, ...approve });
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          (n % 2 === 0 ? here : there).check(call(n % 3 === 0 ? over : { ...over, approvalId })),
        ),
      );
      expect(answers.filter(({ verdict }) => verdict === 'granted')).toHaveLength(1);
    }
    expect(await bench.bodies('kora.approval.used')).toHaveLength(10);
  });

  test('whose use cannot be recorded is not used', async () => {
    const bench = await capabilityBench();
    const { capabilities } = bench.runtime();
    const approvalId = await asked(bench);
    await capabilities.decide({ approvalId, ...approve });
    const broken = bench.runtime({
      stage: () => Promise.reject(fault('KORA_INTERNAL', 'no stage')),
    }).capabilities;
    await expect(broken.check(call())).rejects.toThrow('no stage');
    expect(await capabilities.check(call())).toEqual({ verdict: 'granted' });
  });
});

describe('whoever waits for an approval', () => {
  test('is woken by the decision here, and by one elsewhere', async () => {
    const made = await testDatabase();
    const bench = await capabilityBench(made.database);
    const here = bench.runtime();
    const there = bench.runtime({ database: secondPool(made) });
    const scope = new Scope('test');
    onTestFinished(() => scope.dispose());
    await here.capabilities.open(scope);
    for (const decider of [here, there]) {
      const over = {
        callId: `by ${decider === here ? 'here' : 'there'}`,
        argumentsHash: hashOf(String(decider === here)),
      };
      const approvalId = await asked(bench, over);
      // The clock of the one who waits stands still: nothing but the decision wakes it.
      const waiting = here.capabilities.wait(approvalId, scope.signal);
      await decider.capabilities.decide({ approvalId, ...approve });
      expect(await waiting).toMatchObject({ approvalId, status: 'approved' });
    }
  });

  test('finds it by looking when no notification comes, and that it ran out', async () => {
    const bench = await capabilityBench();
    const { capabilities, clock } = bench.runtime();
    const approvalId = await asked(bench);
    const waiting = capabilities.wait(approvalId, new AbortController().signal);
    await bench.passTime(approvalId);
    let seen: string | undefined;
    void waiting.then((view) => (seen = view?.status));
    await expect
      .poll(async () => {
        await clock.advance(1_000);
        return seen;
      })
      .toBe('expired');
  });

  test('may stop waiting', async () => {
    const bench = await capabilityBench();
    const approvalId = await asked(bench);
    const stop = new AbortController();
    const { capabilities, clock } = bench.runtime();
    const waiting = capabilities.wait(approvalId, stop.signal);
    await expect.poll(() => clock.sleeping).toBe(1);
    stop.abort();
    expect(await waiting).toMatchObject({ status: 'pending' });
    await expect(capabilities.wait(4_711, new AbortController().signal)).rejects.toMatchObject({
      code: 'KORA_APPROVAL_UNKNOWN',
    });
  });
});

test('of what a call says, the store keeps a hash and nothing else (defect 18)', async () => {
  const bench = await capabilityBench();
  const { capabilities } = bench.runtime();
  const secret = 'hunter2-in-the-arguments';
  const given = {
    ...call({ argumentsHash: hashOf(secret) }),
    arguments: { password: secret },
    args: [secret],
  };
  const answer = await capabilities.check(given);
  if (answer.verdict === 'ask') await capabilities.decide({ approvalId: answer.approvalId, ...approve });
  expect(await capabilities.check(given)).toEqual({ verdict: 'granted' });
  expect(await capabilities.check(given)).toEqual(refused);
  const tables = await bench.database.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relnamespace = 'kora'::regnamespace and relkind = 'r'`,
  );
  let rows = 0;
  for (const { name } of tables) {
    const texts = await bench.database.query<{ text: string }>(`select t::text as text from ${name} t`);
    rows += texts.length;
    for (const { text } of texts) expect(text, name).not.toContain(secret);
  }
  expect(rows).toBeGreaterThan(5);
  await expect(capabilities.check(call({ callId: 'raw', argumentsHash: secret }))).rejects.toThrow(
    'arguments_hash',
  );
});

test('behind the door: asked, approved, let through once, and no more', async () => {
  const bench = await capabilityBench();
  const { capabilities } = bench.runtime();
  const { admission, refusals } = scene({ capabilities });
  const { capability, ...rest } = call();
  const context = { ...rest, capability, tool: 'web_search' };
  const first = await admission.admit('tool_call', context);
  expect(first).toMatchObject({ allow: false, blockKind: 'capability', cause: 'approval_pending' });
  const { approvalId } = first as { approvalId: number };
  await capabilities.decide({ approvalId, ...approve });
  const second = await admission.admit('tool_call', { ...context, approvalId });
  expect(second).toMatchObject({ allow: true });
  expect(await admission.admit('tool_call', { ...context, approvalId })).toMatchObject({
    allow: false,
    cause: 'approval_refused',
  });
  expect(refusals.map(({ cause }) => cause)).toEqual(['approval_pending', 'approval_refused']);
});

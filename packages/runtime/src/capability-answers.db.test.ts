import { expect, test } from 'vitest';
import { capabilityAnswers, waitForApproval } from './capability-answers.ts';
import { call, capabilityBench } from './capability/testing/bench.ts';

const to = { kind: 'plugin', subject: 'slack' } as const;
const wish = { capability: 'cap_web_fetch', to, reason: 'link previews', forMs: 60_000 };

test('a word said again with its key is said once, and a key is for one word', async () => {
  const bench = await capabilityBench();
  const { capabilities } = bench.runtime();
  const workspace = { workspaceId: bench.workspaceId, name: 'bench' };
  const house = capabilityAnswers({ capabilities, workspace });
  const first = await house.grantCapability({ ...wish, idempotencyKey: 'k' });
  expect(first).toMatchObject({ status: 'live', by: 'operator', kind: 'plugin', subject: 'slack' });
  expect(await house.grantCapability({ ...wish, idempotencyKey: 'k' })).toEqual(first);
  expect((await house.capabilities({ all: true })).grants).toEqual([first]);
  const other = { code: 'KORA_REQUEST_INVALID' };
  await expect(house.revokeGrant(first.grantId, { reason: 'r', idempotencyKey: 'k' })).rejects.toMatchObject(
    other,
  );

  const revoked = await house.revokeGrant(first.grantId, { reason: 'r', idempotencyKey: 'l' });
  expect(await house.revokeGrant(first.grantId, { reason: 'r', idempotencyKey: 'l' })).toEqual(revoked);
  expect((await house.capabilities({})).grants).toEqual([]);

  const answer = await capabilities.check(call());
  const approvalId = answer.verdict === 'ask' ? answer.approvalId : 0;
  expect(await house.approvals({})).toEqual([await house.approval(approvalId)]);
  const decision = { reason: 'yes', idempotencyKey: 'm' };
  expect(await house.decideApproval(approvalId, 'approved', decision)).toMatchObject({ status: 'approved' });
  expect(await capabilities.check(call())).toEqual({ verdict: 'granted' });
  // The key answers what was answered then, though the approval has been used since.
  expect(await house.decideApproval(approvalId, 'approved', decision)).toMatchObject({ status: 'approved' });
  expect(await house.approval(approvalId)).toMatchObject({ status: 'used' });
});

test('a plugin waits for its own approvals only', async () => {
  const bench = await capabilityBench();
  const { capabilities } = bench.runtime();
  const answer = await capabilities.check(call({ caller: 'slack' }));
  const approvalId = answer.verdict === 'ask' ? answer.approvalId : 0;
  const stranger = waitForApproval({ capabilities }, { id: 'mail', trusted: true }, approvalId, undefined);
  await expect(stranger).rejects.toMatchObject({ code: 'KORA_APPROVAL_UNKNOWN' });
  const own = waitForApproval({ capabilities }, { id: 'slack', trusted: false }, approvalId, undefined);
  await capabilities.decide({ approvalId, verdict: 'refused', by: 'operator', reason: 'no' });
  expect(await own).toBe('refused');
  const gone = AbortSignal.abort();
  expect(await waitForApproval({ capabilities }, { id: 'slack', trusted: false }, approvalId, gone)).toBe(
    'pending',
  );
});

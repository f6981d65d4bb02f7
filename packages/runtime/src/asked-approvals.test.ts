import { expect, test } from 'vitest';
import { approvals } from './asked-approvals.ts';
import type { ApprovalView } from './capability/index.ts';

test.each([
  ['pending', null, undefined],
  ['expired', null, { status: 'expired' }],
  ['approved', 'operator', { status: 'answered', verdict: 'approve', by: 'operator' }],
  ['used', 'operator', { status: 'answered', verdict: 'approve', by: 'operator' }],
  ['refused', 'operator', { status: 'answered', verdict: 'deny', by: 'operator' }],
  // Approved, and not used in its time: nobody says that nobody answered.
  ['expired', 'operator', { status: 'answered', verdict: 'approve', by: 'operator' }],
] as const)('an approval that is %s, decided by %s', async (status, decidedBy, ended) => {
  const capabilities = {
    approval: () => Promise.resolve({ approvalId: 7, status, decidedBy } as ApprovalView),
    decide: () => Promise.reject(new Error('nobody decides here')),
  };
  const seen = await approvals({ capabilities }).ended(['7']);
  expect(seen).toEqual(ended === undefined ? [] : [{ subject: '7', ...ended }]);
});

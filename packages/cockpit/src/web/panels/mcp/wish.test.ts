import { newMcpTokenSchema } from '@kora/runtime/client';
import { expect, test } from 'vitest';
import { wishFrom } from './wish.ts';

test('what is entered is what the runtime takes', () => {
  const wish = wishFrom({ name: ' claude ', grants: ['cap_read_runtime'], kinds: 'mail, report', days: '7' });
  expect(newMcpTokenSchema.parse({ ...wish, reason: 'reports' })).toEqual({
    name: 'claude',
    grants: ['cap_read_runtime'],
    kinds: ['mail', 'report'],
    expiresInMs: 604_800_000,
    reason: 'reports',
  });
  expect(wishFrom({ name: 'x', grants: [], kinds: '', days: '' })).toEqual({
    name: 'x',
    grants: [],
    kinds: [],
  });
});

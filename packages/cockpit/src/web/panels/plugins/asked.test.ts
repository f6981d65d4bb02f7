import { expect, test } from 'vitest';
import { leaveOf } from './asked.ts';

const approved = { version: '1.0.0', capabilities: ['cap_a', 'cap_z'], by: 'operator', reason: 'x', at: '' };

test('what nobody agreed to stands first, what is asked for no more last', () => {
  expect(leaveOf({ capabilities: ['cap_a', 'cap_b'], approved })).toEqual([
    { capability: 'cap_b', state: 'new' },
    { capability: 'cap_a', state: 'agreed' },
    { capability: 'cap_z', state: 'gone' },
  ]);
  expect(leaveOf({ capabilities: ['cap_a'], approved: null })).toEqual([
    { capability: 'cap_a', state: 'new' },
  ]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimPermissions, primaryStates } from '../state/index.ts';
import type { DerivedState } from '../state/index.ts';
import { admit, doors, doorTable } from './admission.ts';
import type { Door } from './admission.ts';

/** DOMAIN §1's table, written once more by hand: rows are doors, columns primary states. */
const table: Readonly<Record<Door, string>> = {
  //                      booting ready active paused stopped
  claim: '                no      yes   yes    no     no',
  periodic_task_observe: 'yes     yes   yes    yes    no',
  periodic_task_act: '    no      yes   yes    no     no',
  outbound_operator: '    yes     yes   yes    yes    yes',
  plugin_load: '          yes     yes   yes    yes    no',
};

const cases = doors.flatMap((door) => {
  const answers = table[door].trim().split(/\s+/);
  return primaryStates.map((primaryState, at) => ({ door, primaryState, answer: answers[at] ?? '' }));
});

function stateOf(primaryState: DerivedState['primaryState'], degraded = false): DerivedState {
  const working = primaryState === 'ready' || primaryState === 'active';
  const permission = degraded ? 'critical_only' : 'normal';
  return { primaryState, claimPermission: working ? permission : 'none', degradationReasons: [] };
}

test.each(cases)('$door while $primaryState: $answer', ({ door, primaryState, answer }) => {
  expect(admit(door, stateOf(primaryState)).allow ? 'yes' : 'no').toBe(answer);
});

test('the table has a row for every door, and no other', () => {
  expect(new Set(Object.keys(doorTable))).toEqual(new Set(doors));
});

test('a merely degraded runtime claims critical tickets and no others', () => {
  const state = stateOf('ready', true);
  expect(admit('claim', state, { critical: true })).toEqual({ allow: true });
  expect(admit('claim', state)).toEqual({ allow: false, blockKind: 'permission', cause: 'critical_only' });
});

test('a critical ticket passes no hold', () => {
  expect(admit('claim', stateOf('paused'), { critical: true })).toEqual({
    allow: false,
    blockKind: 'permission',
    cause: 'paused',
  });
});

test.each(['', 'windows', 'constructor', '__proto__', 'toString'])(
  'what is no door is closed: %j',
  (door) => {
    expect(admit(door as Door, stateOf('ready'))).toMatchObject({ allow: false, cause: 'unknown_door' });
  },
);

test('law: a refusal always says why, and nothing is claimed without permission', () => {
  const state = fc.record({
    primaryState: fc.constantFrom(...primaryStates),
    claimPermission: fc.constantFrom(...claimPermissions),
    degradationReasons: fc.constant([]),
  });
  fc.assert(
    fc.property(fc.constantFrom(...doors), state, fc.boolean(), (door, given, critical) => {
      const answer = admit(door, given, { critical });
      expect(answer.allow || answer.cause !== '').toBe(true);
      expect(door === 'claim' && given.claimPermission === 'none' && answer.allow).toBe(false);
    }),
  );
});

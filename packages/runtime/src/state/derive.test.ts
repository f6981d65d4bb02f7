import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive } from './index.ts';
import type {
  ClaimPermission,
  DegradationReason,
  Hold,
  HoldCause,
  PrimaryState,
  StateInputs,
} from './index.ts';
import { inputsCount, inputsOf } from './testing/house.ts';

function hold(cause: HoldCause): Hold {
  return { holdId: 1, cause, owner: 'x', reason: 'x', since: '', expiresAt: null };
}

const up: StateInputs = {
  boot: 'passed',
  holds: [],
  stopLevel: 0,
  killed: false,
  liveClaims: 0,
  failing: new Set(),
};
const booting: StateInputs = { ...up, boot: 'running' };

/** DOMAIN §1, "Precedence" and "Permission", one line each. */
test.each<[string, StateInputs, string, string]>([
  ['while the boot runs', booting, 'booting', 'none'],
  ['booting, with claims of nobody', { ...booting, liveClaims: 1 }, 'booting', 'none'],
  ['booting under an operator hold', { ...booting, holds: [hold('operator')] }, 'booting', 'none'],
  ['booting under a cost hold', { ...booting, holds: [hold('cost')] }, 'booting', 'none'],
  ['booting under a dr hold', { ...booting, holds: [hold('dr')] }, 'paused', 'none'],
  ['booting under a chain hold', { ...booting, holds: [hold('chain')] }, 'paused', 'none'],
  ['booting under a stop', { ...booting, stopLevel: 3 }, 'booting', 'none'],
  ['after a failed boot', { ...up, boot: 'failed' }, 'stopped', 'none'],
  ['after a failed boot, held', { ...up, boot: 'failed', holds: [hold('dr')] }, 'stopped', 'none'],
  ['killed', { ...up, killed: true }, 'stopped', 'none'],
  ['killed while booting', { ...booting, killed: true }, 'stopped', 'none'],
  ['killed while working', { ...up, killed: true, liveClaims: 2 }, 'stopped', 'none'],
  ['booted', up, 'ready', 'normal'],
  ['working', { ...up, liveClaims: 1 }, 'active', 'normal'],
  ['held by the operator', { ...up, holds: [hold('operator')] }, 'paused', 'none'],
  ['held for cost', { ...up, holds: [hold('cost')] }, 'paused', 'none'],
  ['held with work in hand', { ...up, holds: [hold('operator')], liveClaims: 1 }, 'paused', 'none'],
  ['under a stop', { ...up, stopLevel: 1 }, 'paused', 'none'],
  ['under a stop of a kill that was another process’s', { ...up, stopLevel: 5 }, 'paused', 'none'],
  ['under a stop with work in hand', { ...up, stopLevel: 2, liveClaims: 1 }, 'paused', 'none'],
])('%s', (_, inputs, primaryState, claimPermission) => {
  expect(derive(inputs)).toMatchObject({ primaryState, claimPermission });
});

test.each<[DegradationReason, string]>([
  ['dispatch', 'critical_only'],
  ['substrate', 'critical_only'],
  ['auth', 'critical_only'],
  ['retry_ceiling', 'critical_only'],
  ['cost', 'normal'],
  ['migration', 'normal'],
  ['operator', 'normal'],
  ['token_expiring', 'normal'],
])('a runtime that is merely degraded by %s claims: %s', (reason, claimPermission) => {
  const degraded = derive({ ...up, failing: new Set([reason]) });
  expect(degraded).toEqual({ primaryState: 'ready', claimPermission, degradationReasons: [reason] });
});

const anyInputs = fc.nat(inputsCount - 1).map(inputsOf);

/** DOMAIN's precedence, strictest first: the first that holds is the state. */
const precedence: readonly (readonly [PrimaryState, (given: StateInputs) => boolean])[] = [
  ['stopped', ({ boot, killed }) => boot === 'failed' || killed],
  ['paused', ({ boot, holds }) => boot === 'running' && holds.some(({ cause }) => judged.includes(cause))],
  ['booting', ({ boot }) => boot === 'running'],
  ['paused', ({ holds, stopLevel }) => holds.length > 0 || stopLevel >= 1],
  ['active', ({ liveClaims }) => liveClaims > 0],
  ['ready', () => true],
];
const judged: readonly HoldCause[] = ['dr', 'chain'];

test('law: the primary state is the first of the precedence that applies', () => {
  fc.assert(
    fc.property(anyInputs, (given) => {
      expect(derive(given).primaryState).toBe(precedence.find(([, applies]) => applies(given))?.[0]);
    }),
  );
});

test('law: what is added to what stands in the way never opens anything', () => {
  const strictness: readonly ClaimPermission[] = ['none', 'critical_only', 'normal'];
  const of = (given: StateInputs): number => strictness.indexOf(derive(given).claimPermission);
  fc.assert(
    fc.property(anyInputs, anyInputs, (given, more) => {
      const stricter = {
        ...given,
        holds: [...given.holds, ...more.holds],
        stopLevel: Math.max(given.stopLevel, more.stopLevel),
        failing: new Set([...given.failing, ...more.failing]),
      };
      expect(of(stricter)).toBeLessThanOrEqual(of(given));
    }),
  );
});

test('law: nothing is claimed under a hold, a stop, a kill or before the boot is over', () => {
  fc.assert(
    fc.property(anyInputs, (given) => {
      const { claimPermission } = derive(given);
      const blocked =
        given.boot !== 'passed' || given.killed || given.holds.length > 0 || given.stopLevel > 0;
      expect(claimPermission === 'none').toBe(blocked);
    }),
  );
});

test('law: clearing one of several holds frees nothing', () => {
  fc.assert(
    fc.property(anyInputs, (given) => {
      fc.pre(given.holds.length > 1);
      expect(derive({ ...given, holds: given.holds.slice(1) }).claimPermission).toBe('none');
    }),
  );
});

test('law: reasons are sorted, and degrade no primary state', () => {
  fc.assert(
    fc.property(anyInputs, (given) => {
      const state = derive(given);
      expect(state.degradationReasons).toEqual([...given.failing].sort());
      expect(state.primaryState).toBe(derive({ ...given, failing: new Set() }).primaryState);
    }),
  );
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkClaims } from '../../../../chaos/claims/check.ts';
import { plantedBugs } from '../../../../chaos/claims/planted.ts';
import type { PlantedBug } from '../../../../chaos/claims/planted.ts';
import { fileDatabase, testDatabase } from '../store/testing/database.ts';
import type { TestDatabase } from '../store/testing/database.ts';

// The long form is `pnpm chaos claims`.
const timeout = 180_000;

let shared: TestDatabase & { readonly drop: () => Promise<void> };
beforeAll(async () => {
  shared = await fileDatabase();
});
afterAll(() => shared.drop());

test('law: two workers, a ticket, a fault: in every order of their steps and wherever two meet, the protocol holds', {
  timeout,
}, async () => {
  const bounds = { workers: 2, tickets: 1, grants: 2, faults: 1, operations: 0 };
  const { found, pairs, broken } = await checkClaims({ connection: shared.connection, bounds });
  expect(broken).toBeUndefined();
  expect(found.states).toBeGreaterThan(100);
  expect(pairs?.waited).toBeGreaterThan(10);
});

test('law: the same of two workers and one ticket that the operator cancels or has tried again', {
  timeout,
}, async () => {
  const bounds = { workers: 2, tickets: 1, grants: 2, faults: 0, operations: 1 };
  const { found, broken } = await checkClaims({
    connection: shared.connection,
    bounds,
    isOnlySearched: true,
  });
  expect(broken).toBeUndefined();
  expect(found.states).toBeGreaterThan(100);
  for (const word of ['cancels ticket n', 'has ticket n tried again'])
    expect(found.taken.get(`the operator ${word}`)).toBeGreaterThan(20);
});

const bugs: Readonly<Record<PlantedBug, RegExp>> = {
  'resolve-ignores-fence': /the verdict is ok, not/,
  'resolve-ignores-session': /the verdict is ok, not/,
  'claim-keeps-fence': /was given under fence 1 after 1/,
  'reap-ignores-session': /the reaper took/,
  'already-of-anybody': /the verdict is already, not lost/,
  'already-when-expired': /the verdict is already, not lost/,
  'resolved-twice-told': /is told as/,
  'write-ignores-fence': /was written under the stale fence/,
  'claim-waits': /waits for the other/,
};

test.each(plantedBugs)('the search finds a planted bug: %s', { timeout }, async (planted) => {
  // This one goes into a function of the store.
  const { connection } = planted === 'claim-waits' ? await testDatabase() : shared;
  const bounds = { workers: 2, tickets: 1, grants: 2, faults: 1, operations: 0 };
  const { broken } = await checkClaims({ connection, bounds, planted });
  expect(broken).toMatch(bugs[planted]);
});

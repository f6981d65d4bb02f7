import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { numbers } from '../../chain/testing/consumer.ts';
import type { Claim } from '../../ticket/index.ts';
import { ticketBench } from '../../ticket/testing/bench.ts';

function first(claims: readonly Claim[]): Claim {
  const [claim] = claims;
  assert.ok(claim, 'nothing was claimed');
  return claim;
}

test('a ticket is added, claimed under a fence and resolved', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  const claim = first(await bench.claim(session));
  expect(claim).toMatchObject({ ticketId, fence: 1 });
  expect(await bench.resolve(session, claim)).toBe('ok');
  expect(await bench.find(ticketId)).toMatchObject({ status: 'completed' });
});

test('sixteen claimers share the work: no ticket twice, none left', async () => {
  const bench = await ticketBench();
  await Promise.all(numbers(1, 64).map(() => bench.add()));
  const claims = await Promise.all(
    numbers(1, 16).map(async () => {
      const session = await bench.session();
      const mine: Claim[] = [];
      for (;;) {
        const more = await bench.claim(session, 2);
        if (more.length === 0) return mine;
        for (const claim of more) expect(await bench.resolve(session, claim)).toBe('ok');
        mine.push(...more);
      }
    }),
  );
  const ids = claims.flat().map(({ ticketId }) => ticketId);
  expect(ids).toHaveLength(64);
  expect(new Set(ids).size).toBe(64);
});

test('whose lease ended is passed over, and its late word refused', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const dead = await bench.session();
  const old = first(await bench.claim(dead));
  await bench.expire(dead);
  expect(await bench.reap()).toEqual([ticketId]);
  await bench.passTime();
  const living = await bench.session();
  const claim = first(await bench.claim(living));
  expect(claim.fence).toBeGreaterThan(old.fence);
  expect(await bench.resolve(dead, old)).toBe('lost');
  expect(await bench.resolve(living, claim)).toBe('ok');
});

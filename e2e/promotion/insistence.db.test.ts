import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromotionHouse } from './house.ts';
import { monthOf, quietMonth } from './month.ts';
import { everyLoopLooks, loopNames, settings, waiting } from './scene.ts';

/** Traffic in which nothing repeats that would be worth anything, as busy as any other, with every decoy in it. */
describe('a month without a pattern', () => {
  it('is proposed nothing of, by no loop', async () => {
    await using house = await PromotionHouse.after(() => quietMonth(3, Date.now()), settings);
    await everyLoopLooks(house);
    const all = await house.client.promotions({ limit: 100 });
    expect(all.map(({ loop, title }) => `${loop}: ${title}`)).toEqual([]);
    const events = await house.client.events({ type: 'promotion.loop_ran', limit: 100, order: 'asc' });
    expect(new Set(events.map(({ payload }) => payload['loop']))).toEqual(new Set(loopNames));
    expect(
      (await house.client.messages({ limit: 100 })).filter(({ source }) => source === 'promotion'),
    ).toEqual([]);
  }, 120_000);
});

describe('a loop that looks again', () => {
  let house: PromotionHouse;
  beforeAll(async () => {
    house = await PromotionHouse.after(() => monthOf(2, Date.now()), settings);
  }, 120_000);
  afterAll(() => house[Symbol.asyncDispose]());

  const loop = 'promote_email_intent';
  const cycles = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) await house.client.runPromotionLoop(loop, 'once more');
  };

  it('proposes the same once in five cycles, and says so once', async () => {
    await cycles(5);
    const [proposal, ...more] = await house.client.promotions({ loop });
    expect(more).toEqual([]);
    expect(proposal).toMatchObject({ decision: 'pending', revision: 1 });
    const told = await house.client.messages({ limit: 100 });
    expect(told.filter(({ title }) => title === proposal?.title)).toHaveLength(1);
  });

  it('does not come back with what was refused, until twice as much speaks for it', async () => {
    const [proposal] = await waiting(house, loop);
    assert.ok(proposal);
    const word = ['--revision', String(proposal.revision), '--reason', 'I save them myself'];
    expect(await house.kora('promotion', 'reject', String(proposal.id), ...word)).toContain('rejected');
    await cycles(2);
    expect(await waiting(house, loop)).toEqual([]);
    await house.savesMore(proposal.evidence.size - 3);
    await cycles(1);
    expect(await waiting(house, loop)).toEqual([]);
    await house.savesMore(40);
    await cycles(1);
    const [again, ...more] = await waiting(house, loop);
    expect(more).toEqual([]);
    expect(again?.fingerprint).toBe(proposal.fingerprint);
    expect(again?.evidence.size).toBeGreaterThanOrEqual(2 * proposal.evidence.size);
  });
});

import { statusSchema } from '@kora/runtime/client';
import type { KoraClient } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Thinking } from './harness/thinking.ts';
import { until } from './harness/wait.ts';

const poolUsd = 0.2;
const cheap = { input: 100, output: 20 };
const tickets = 3;
/** Claims of a ramp are 30 seconds apart by the store's clock; events are told a moment later. */
const apartMs = 29_000;

/** Of the way of a ticket, and of the state. */
const steps: ReadonlySet<string> = new Set([
  'kora.sea_ticket.resolved',
  'kora.operational_state.transitioned',
  'kora.hold.added',
  'kora.paused.cost_limit',
]);

type Event = Awaited<ReturnType<KoraClient['events']>>[number];

describe('a pool that ends while tickets are worked by thinking', () => {
  let thinking: Thinking;

  beforeAll(async () => {
    thinking = await Thinking.prepare({
      poolUsd,
      reasoning: { agent: { budgetUsd: 0.05, concurrency: tickets }, fallback: [] },
      // The pool alone shall say no.
      configuration: { spend: { pacing: 'off', criticalShare: 0 } },
    });
    await thinking.raise();
  });
  afterAll(() => thinking[Symbol.asyncDispose]());

  async function events(): Promise<Event[]> {
    return (await thinking.house.api().events({ order: 'desc', limit: 500 })).toReversed();
  }

  async function rampNow() {
    const { data } = await thinking.house.read(statusSchema, 'status');
    return data.spend?.ramp ?? null;
  }

  it('puts the ticket off, gives it back, and then holds everything, in this order (state defect 39)', async () => {
    const { house, models } = thinking;
    const look = { name: 'kora__get_operational_state', input: {} };
    const paid = Promise.withResolvers<void>();
    models.follow(() => ({ text: onceItIsPaid(paid.promise), tools: [look], usage: cheap }));
    const { ticketId } = await house.api().tickets.add({ kind: 'general', title: 'what meets the end' });
    await until('the first call', () => models.asked.length === 1);
    // Somebody else's spending shows on the bill while the answer comes in.
    await house.api().reconcileSpend(poolUsd * 1_000_000, 'the bill');
    paid.resolve();
    await until('the hold', async () =>
      (await house.api().status()).holds.some(({ cause }) => cause === 'cost'),
    );
    const story = await until('the pause to be told', async () => {
      const told = (await events()).filter(({ type }) => steps.has(type));
      return told.some(({ type }) => type === 'kora.paused.cost_limit') && told;
    });
    const last = story.slice(-6);
    expect(last.map(({ type, payload }) => payload['resolution'] ?? payload['cause'] ?? type)).toEqual([
      'claim.acquired',
      'deferred_cost_limit',
      'claim.released',
      'kora.hold.added',
      'cost.limit',
      'kora.paused.cost_limit',
    ]);
    expect(last[1]?.payload).toMatchObject({
      ticket: ticketId,
      cost_micro_usd: cheap.input + 5 * cheap.output,
    });
    // The call that met the end was paid for; what its tool said went to nobody.
    expect(models.asked).toHaveLength(1);
    expect((await house.api().status()).spend).toMatchObject({ rung: 'hard_stop_100', reservedUsd: 0 });
    const answer = await house.api().ask({ text: 'Is there money for a word or two?', phrasebook: false });
    expect(answer).toMatchObject({
      status: 'refused',
      error: 'cost_ladder_halted',
      receipt: { calls: 0, costMicroUsd: 0 },
    });
    expect(models.asked).toHaveLength(1);
  });

  it('goes on with one claim at a time once there is money, also over a restart', async () => {
    const { house, models } = thinking;
    const done = { name: 'ticket__finish', input: { resolution: 'completed', summary: 'at last' } };
    models.follow(({ messages }) =>
      messages.some(({ results }) => results.length > 0) && messages.at(-1)?.role === 'user'
        ? { text: 'It is done.', usage: cheap }
        : { text: 'I end it.', tools: [done], usage: cheap },
    );
    for (let n = 1; n < tickets; n += 1)
      await house.api().tickets.add({ kind: 'general', title: `what waits for money, number ${n}` });
    expect((await house.api().tickets.list({})).every(({ status }) => status !== 'completed')).toBe(true);
    await thinking.did('down');
    await thinking.up.child.ended;
    await thinking.raise({ KORA_CREDIT_POOL_USD: '10' });
    const completed = async (): Promise<number> =>
      (await house.api().tickets.list({})).filter(({ status }) => status === 'completed').length;
    await until('the first of them to be worked', async () => (await completed()) === 1);
    const ramp = await rampNow();
    expect(ramp).not.toBeNull();
    expect(ramp?.lastClaimAt).not.toBeNull();
    await thinking.did('down');
    await thinking.up.child.ended;
    await thinking.raise({ KORA_CREDIT_POOL_USD: '10' });
    // The same ramp: what waited is not let loose by a start.
    const later = await rampNow();
    expect(later).toMatchObject({ since: ramp?.since, until: ramp?.until });
    const claims = (await events()).filter(
      ({ type, occurredAt }) => type === 'sea_ticket.claimed_for_edit' && occurredAt >= String(ramp?.since),
    );
    expect(claims.length).toBeGreaterThan(0);
    for (const [n, { occurredAt }] of claims.entries())
      expect(Date.parse(occurredAt) - Date.parse(claims[n - 1]?.occurredAt ?? '1970-01-01')).toBeGreaterThan(
        apartMs,
      );
    const holds = (await house.api().status()).holds;
    expect(holds).toEqual([]);
  });
});

async function* onceItIsPaid(paid: Promise<void>): AsyncGenerator<string> {
  yield 'I look ';
  await paid;
  yield 'at it.';
}

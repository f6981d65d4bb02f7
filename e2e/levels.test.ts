import { koraControlSchema, statusSchema, ticketSchema } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Labour } from '../chaos/stop/labour.ts';
import { goOn, startStopped, stopHard, stopMildly } from '../chaos/stop/levels.ts';
import type { LevelFacts } from '../chaos/stop/levels.ts';
import { stopSilent } from '../chaos/stop/silent.ts';
import { AwayStore } from '../chaos/stop/without-store.ts';
import { House } from './harness/house.ts';
import { until } from './harness/wait.ts';

/** Twice two handlers work, and more tickets wait: whatever a stop lets through has something to be let through for. */
const inHand = 4;
const tickets = 12;
/** Each asks one thing at a time: the four, and the odd jobs. */
const askers = inHand + 1;

// `pnpm chaos stop-levels` does the same with a trusted plugin, in the process of the runtime, round after round.
describe('a stop while work is under way, of a guest in a process of its own', () => {
  const house = new House();
  const labour = new Labour(house);

  beforeAll(async () => {
    await labour.prepare({ isTrusted: false });
    await labour.raise();
    await labour.begin(tickets / 2);
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('L1: what is in hand is finished, with its calls; nothing else is begun or called', async () => {
    const facts = await stopMildly(labour, 1);
    expect(facts.inHand).toHaveLength(inHand);
    expect(facts.pastAcknowledgement).toBe(0);
    const { outside } = facts;
    expect(outside).toMatchObject({ begunAfter: 0, otherCallsAfter: 0, signalled: [] });
    expect(outside.heldCallsAfter).toBeGreaterThan(inHand);
    expect(outside.ended.toSorted()).toEqual(facts.inHand.toSorted());
    expect(facts.said).toMatchObject({
      failure: null,
      effect: { claimsReleased: 0, claimsHeld: 0, callsRefused: outside.refused },
    });
    await goOn(labour);
  });

  it('L2: nothing that asks after it is let through, whatever it has in hand', async () => {
    const facts = await stopMildly(labour, 2);
    expect(facts.inHand).toHaveLength(inHand);
    expect(facts.pastAcknowledgement).toBe(0);
    const { outside } = facts;
    expect(outside).toMatchObject({ begunAfter: 0, otherCallsAfter: 0, heldCallsAfter: 0, signalled: [] });
    expect(facts.said).toMatchObject({
      failure: null,
      effect: { claimsReleased: 0, claimsHeld: 0, callsRefused: outside.refused },
    });
    await goOn(labour);
  });

  it('L3: each sees its signal, and each claim is back, also that of who goes on regardless', async () => {
    const facts = await stopMildly(labour, 3);
    expect(facts.inHand).toHaveLength(inHand);
    expect(facts.pastAcknowledgement).toBe(0);
    const { outside } = facts;
    expect(outside).toMatchObject({ begunAfter: 0, otherCallsAfter: 0, heldCallsAfter: 0 });
    expect(outside.signalled.toSorted()).toEqual(facts.inHand.toSorted());
    expect(facts.said).toMatchObject({
      failure: null,
      effect: { claimsReleased: outside.signalled.length, claimsHeld: 0, callsRefused: outside.refused },
    });
    expect(facts.releasedMs).toHaveLength(inHand);
    await goOn(labour);
  });

  it('L4: the process ends with 80; the next is up and keeps still until it is told to go on', async () => {
    const token = house.token();
    const read = await stopHard(labour, 4);
    const next = await startStopped(labour, token);
    const facts = await read();
    expect(facts.exit?.code).toBe(80);
    expect(facts.inHand).toHaveLength(inHand);
    expect(facts.pastAcknowledgement).toBe(0);
    expect(facts.said).toMatchObject({ failure: null, effect: { claimsReleased: inHand, claimsHeld: 0 } });
    expect(facts.outside).toMatchObject({ otherCallsAfter: 0, heldCallsAfter: 0 });
    expect(cutOff(facts)).toBeLessThanOrEqual(askers);
    expect(next).toEqual({
      primaryState: 'paused',
      stopLevel: 4,
      isTokenGone: false,
      isTokenFresh: false,
      oldTokenStatus: 200,
      leaked: 0,
    });
    await goOn(labour);
  });

  it('L5: as L4, and the token of before opens nothing any more', async () => {
    const token = house.token();
    const read = await stopHard(labour, 5);
    const next = await startStopped(labour, token);
    const facts = await read();
    expect(facts.exit?.code).toBe(80);
    expect(facts.pastAcknowledgement).toBe(0);
    expect(facts.said).toMatchObject({ failure: null, effect: { claimsReleased: inHand, claimsHeld: 0 } });
    expect(cutOff(facts)).toBeLessThanOrEqual(askers);
    expect(next).toEqual({
      primaryState: 'paused',
      stopLevel: 5,
      isTokenGone: true,
      isTokenFresh: true,
      oldTokenStatus: 401,
      leaked: 0,
    });
    await goOn(labour);
  });

  it('after all of it each ticket is worked to its end, once', async () => {
    await labour.order('enough');
    await until('every ticket to be completed', async () => {
      const { data } = await house.read(z.array(ticketSchema), 'ticket', 'list');
      return data.length === tickets && data.every(({ status }) => status === 'completed');
    });
    await using store = await house.store();
    const rows = await store.rows<{ resolution: string; count: string }>(
      'select resolution, count(*) from kora.ticket_outcome group by 1 order by 1',
    );
    expect(rows).toEqual([
      { resolution: 'completed', count: String(tickets) },
      { resolution: 'released', count: String(3 * inHand) },
    ]);
  });
});

describe('a runtime on a PostgreSQL of its own, with tickets in hand', () => {
  const away = new AwayStore();
  const { house } = away;

  beforeAll(() => away.prepare(inHand));
  afterAll(() => away[Symbol.asyncDispose]());

  it('two reasons that name another cause change nothing but the note', async () => {
    const before = (await house.api().status()).chain?.seq ?? 0;
    const { labour } = away;
    await labour.did('pause', '--reason', 'cost 100%');
    const { data: paused } = await house.read(statusSchema, 'status');
    expect(paused.holds).toMatchObject([{ cause: 'operator', reason: 'cost 100%' }]);
    expect(paused.degradationReasons).not.toContain('cost');
    // A hold for cost would stay.
    await labour.did('resume', '--reason', 'it was only words');
    await labour.did('stop', '--level', 'L1', '--reason', 'all §9.2 gates pass');
    const { data: stopped } = await house.read(statusSchema, 'status');
    expect(stopped).toMatchObject({ primaryState: 'paused', claimPermission: 'none', stopLevel: 1 });
    await labour.did('resume', '--reason', 'so was that');
    const told = await until('the way back to be told', async () => {
      const since = await house.api().events({ type: 'kora', after: before, order: 'asc', limit: 200 });
      return since.some(({ payload }) => payload['note'] === 'so was that') && since;
    });
    const forged = told.flatMap(({ type, payload: { cause, note, trigger } }) =>
      note === 'cost 100%' || note === 'all §9.2 gates pass' ? [{ type, cause, note, trigger }] : [],
    );
    const type = 'kora.operational_state.transitioned';
    expect(forged).toEqual([
      { type, cause: 'hold.added', note: 'cost 100%', trigger: expect.not.stringContaining('cost') },
      {
        type,
        cause: 'stop.issued',
        note: 'all §9.2 gates pass',
        trigger: expect.not.stringContaining('gates'),
      },
    ]);
    const others = told.map((event) => event.type);
    expect(others).not.toContain('kora.paused.cost_limit');
    expect(others).not.toContain('kora.boot.ready');
  });

  it('its store gone, L4 goes through the home; with the store back it is a row, and the start keeps to it', async () => {
    const { labour } = away;
    await away.stop();
    const facts = await stopSilent(labour);
    expect(facts).toMatchObject({ answer: { level: 4, seen: true, killed: null }, code: 80 });

    await away.start();
    const next = await startStopped(labour, house.token());
    expect(next).toMatchObject({ primaryState: 'paused', stopLevel: 4, leaked: 0 });
    const { data: control } = await house.read(koraControlSchema, 'control');
    expect(control.inForce).toMatchObject([{ level: 4, via: 'sentinel', reason: 'it answers nothing' }]);
    expect(control.commands[0]?.acknowledgements).toMatchObject([{ failure: null }]);
    await goOn(labour);
    expect((await house.read(koraControlSchema, 'control')).data).toMatchObject({
      stopLevel: 0,
      sentinel: null,
    });
  });
});

/** Refusals whose answer the end of the process kept from the outside. */
function cutOff({ said, outside }: LevelFacts): number {
  return (said.effect?.callsRefused ?? Number.NaN) - outside.refused;
}

import assert from 'node:assert/strict';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PromotionDetail } from '../../packages/runtime/src/http/promotion/house.ts';
import { PromotionHouse } from './house.ts';
import { daysAfter, monthOf, movedWorld } from './month.ts';
import { agreeTo, everyLoopLooks, fittingOf, hoursPass, loopNames, proposals, settings } from './scene.ts';
import type { LoopName } from './scene.ts';
import { Traffic } from './traffic.ts';
import { Yard } from './yard.ts';

const seed = 1;
let house: PromotionHouse;
let traffic: Traffic;
let agreed: ReadonlyMap<LoopName, PromotionDetail>;
let sinceMs: number;

beforeAll(async () => {
  house = await PromotionHouse.after(() => monthOf(seed, Date.now()), settings, new Yard(1_000));
  traffic = new Traffic(house);
  await everyLoopLooks(house);
}, 120_000);
afterAll(() => house[Symbol.asyncDispose]());

/** The world after the month is another one, in six ways; the loops learned from the month alone. */
it('six changes are right by all that was seen until today', async () => {
  agreed = await proposals(house);
  // The berths tool calls its figure something else from now on.
  house.yard.berthsWord = 'vacant';
  sinceMs = Date.now();
  for (const proposal of agreed.values()) await agreeTo(house, proposal);
  const applied = await house.client.promotions({ application: 'applied' });
  expect(applied).toHaveLength(loopNames.length);
});

it('the runbooks are moved: what the phrase says is wrong now, and one in five hears what is right', async () => {
  const phrase = agreed.get('promote_phrasebook');
  assert.ok(phrase);
  const after = daysAfter(seed, sinceMs, 30, { world: movedWorld });
  let compared = 0;
  for (const { question } of fittingOf(after, phrase.change)) {
    const { by } = await traffic.ask(question.text, { answer: question.answer });
    if (by === 'engine') compared += 1;
    if (compared === 5) break;
  }
  expect(compared).toBe(5);
});

it('the field has no value, and each question calls the tool again', async () => {
  const answers = await traffic.berths(35);
  expect(answers.at(-1)?.receipt).toMatchObject({ calls: 2, tools: ['yard__berths'] });
});

it('the small model is not up to what it is asked now', async () => {
  const [first] = await traffic.should(32, true);
  expect(first?.receipt.routing).toBe('escalated:low_confidence');
});

it('a tool that is no longer offered is asked for', async () => {
  traffic.thinker.insistsOn = 'yard__photos';
  for (let n = 0; n < 6; n += 1)
    await traffic.ask(`what is to be seen at berth ${n}`, { answer: 'Nothing is seen there.' });
  traffic.thinker.insistsOn = null;
  expect(house.yard.looked).not.toContain('yard__photos');
});

it('a restart does not bring the pump back', async () => {
  house.yard.mends = false;
  await traffic.pumpStops('not_mended');
  expect(house.yard.tried).toHaveLength(2);
});

it('nobody wants the tickets that come of mails', async () => {
  for (const ticket of await traffic.mails(6)) await house.client.tickets.cancel(ticket, 'nobody wants it');
  await expect
    .poll(
      async () =>
        (await house.client.events({ type: 'email.intent_judged', limit: 50, order: 'desc' })).filter(
          ({ payload }) => payload['verdict'] === 'unwanted',
        ).length,
    )
    .toBe(6);
});

it('each is taken back by itself within hours, and the operator is told why', async () => {
  await hoursPass(house, sinceMs, 3);
  for (const loop of loopNames) {
    const { application, measure, title } = await house.client.promotion(agreed.get(loop)?.id ?? 0);
    expect({ loop, application, ...measure }).toMatchObject({
      loop,
      application: 'rolled_back',
      verdict: 'worse',
    });
    expect((await house.client.messages({ limit: 200 })).map((message) => message.title)).toContain(
      `Taken back: ${title}`,
    );
  }
  const events = await house.client.events({ type: 'promotion.rolled_back', limit: 20, order: 'asc' });
  expect(events.map(({ payload }) => [payload['cause'], payload['verdict']])).toEqual(
    loopNames.map(() => ['regression', 'worse']),
  );
});

it('everything is as it was before', async () => {
  const [question] = fittingOf(
    daysAfter(seed, sinceMs, 3, { world: movedWorld }),
    agreed.get('promote_phrasebook')?.change ?? { kind: '', key: '', value: {} },
  );
  assert.ok(question);
  const answer = await traffic.ask(question.question.text, { answer: 'At its new place.' });
  expect(answer).toMatchObject({ by: 'engine', text: 'At its new place.' });
  expect(house.models.asked.at(-1)?.tools).toContain('yard__photos');
  expect(JSON.stringify(house.models.asked.at(-1)?.messages)).not.toContain('"learned"');
  const [should] = await traffic.should(1, false);
  expect(should?.receipt.routing).toMatch(/^earned:/);
  expect((await house.client.fixes()).fixes.find(({ probe }) => probe === 'pump')?.mode).toBe('approve');
  expect(await traffic.mails(1)).toHaveLength(6);
});

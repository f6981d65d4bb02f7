import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromotionDetail } from '../../packages/runtime/src/http/promotion/house.ts';
import { PromotionHouse } from './house.ts';
import { judge } from './judge.ts';
import { daysAfter, monthOf } from './month.ts';
import type { Month } from './month.ts';
import {
  agreeTo,
  everyLoopLooks,
  fittingOf,
  hoursPass,
  loopNames,
  proposals,
  settings,
  trialHours,
  waiting,
} from './scene.ts';
import type { LoopName } from './scene.ts';
import { Traffic } from './traffic.ts';

const seed = 1;
let house: PromotionHouse;
let traffic: Traffic;
let month: Month;
let agreed: ReadonlyMap<LoopName, PromotionDetail>;
let unseen: PromotionDetail | undefined;
let sinceMs: number;

beforeAll(async () => {
  house = await PromotionHouse.after(() => (month = monthOf(seed, Date.now())), settings);
  traffic = new Traffic(house);
  await everyLoopLooks(house);
}, 120_000);
afterAll(() => house[Symbol.asyncDispose]());

/** Each with its decoys beside it, by the truth of the generator, of which no row of the store says anything. */
describe('of a month is proposed', () => {
  it('what to answer: right in 98 of 100 questions of the month after', async () => {
    const found = await waiting(house, 'promote_phrasebook');
    const entries = found.map(({ change: { key, value } }) => ({
      pattern: key,
      reply: (value as { readonly reply: string }).reply,
    }));
    const { answered, right, wrong } = await judge(entries, daysAfter(seed, Date.now(), 30));
    expect(answered).toBeGreaterThan(50);
    expect(right / answered, wrong.join('\n')).toBeGreaterThanOrEqual(0.98);
  });

  it('a field of the snapshot: for the one tool that was always asked the same', async () => {
    const found = await waiting(house, 'promote_snapshot_expand');
    expect(found.map(({ change }) => change)).toMatchObject([
      { key: 'learned.yard__berths', value: { tool: 'yard__berths', pick: 'free' } },
    ]);
  });

  it('another threshold: where models were wrong, and not where that is by design', async () => {
    const found = await waiting(house, 'promote_router_tuning');
    expect(found.map(({ change: { key } }) => key).toSorted()).toEqual(['cli', 'cockpit']);
  });

  it('fewer tools: none that was called where it is to go', async () => {
    for (const { change } of await waiting(house, 'promote_tool_trimming')) {
      const { without } = change.value as { readonly without: readonly string[] };
      const called = month.asked
        .filter(({ question }) => question.route === change.key)
        .flatMap(({ question }) => question.tools.map(({ name }) => name));
      expect(without.filter((tool) => called.includes(tool))).toEqual([]);
    }
  });

  it('a fix without a word: of the pump alone, which it always mended, and not by itself', async () => {
    const found = await waiting(house, 'promote_probe_fix_envelopes');
    expect(found).toMatchObject([
      { risk: 'high', change: { key: 'pump/restart_pump', value: { mode: 'auto' } } },
    ]);
  });

  it('which mails to save: by words that only those have which were saved', async () => {
    const [found, ...more] = await waiting(house, 'promote_email_intent');
    expect(more).toEqual([]);
    assert.ok(found);
    const { subject } = found.change.value as { readonly subject: string };
    const fitting = month.mails.filter((mail) => mail.subject.toLowerCase().includes(subject));
    expect(new Set(fitting.map(({ about }) => about))).toEqual(new Set(['berth']));
    expect(fitting.length).toBeGreaterThan(15);
  });
});

describe('what the operator agreed to', () => {
  it('is refused for another content than what is there, and is in force at once', async () => {
    sinceMs = Date.now();
    agreed = await proposals(house);
    const { promote_phrasebook: phrase, ...rest } = Object.fromEntries(agreed);
    assert.ok(phrase);
    const read = ['--revision', String(phrase.revision), '--reason', 'it never moves'];
    const word = (digest: string): Promise<string> =>
      house.kora('promotion', 'approve', String(phrase.id), '--digest', digest, ...read);
    await expect(word('f'.repeat(12))).rejects.toThrow('KORA_PROPOSAL_CHANGED');
    expect(await word(phrase.digest.slice(0, 12))).toContain('applied');
    for (const proposal of Object.values(rest)) await agreeTo(house, proposal);
    // Nobody asks there for as long as this test lasts.
    const others = await waiting(house, 'promote_tool_trimming');
    unseen = others.find(({ change }) => change.key === 'slack_dm');
    assert.ok(unseen);
    await agreeTo(house, unseen);
  });

  it('a phrase answers for nothing, and leaves one in five to the engine', async () => {
    const phrase = agreed.get('promote_phrasebook');
    assert.ok(phrase);
    const by = { phrasebook: 0, engine: 0, nobody: 0 };
    const asked = fittingOf(daysAfter(seed, sinceMs, 60), phrase.change);
    // Which of them go to the engine is told by their ids: so many of these are enough to judge by.
    for (const { question } of asked) {
      if (by.engine === 18) break;
      const answer = await traffic.ask(question.text, { answer: question.answer });
      expect(answer.text).toContain(question.answer);
      by[answer.by] += 1;
      const { costMicroUsd, learned = [] } = answer.receipt;
      expect([costMicroUsd === 0, learned[0]?.as]).toEqual(
        answer.by === 'phrasebook' ? [true, 'used'] : [false, 'compared'],
      );
    }
    expect(by.phrasebook).toBeGreaterThan(2 * by.engine);
    expect(by.engine).toBe(18);
  });

  it('a field spares the call of its tool', async () => {
    for (const { receipt } of await traffic.berths(35))
      expect(receipt).toMatchObject({ calls: 1, tools: [] });
  });

  it('the router asks the small model where people had asked for it themselves', async () => {
    const before = house.models.asked.length;
    await traffic.should(32, false);
    const models = house.models.asked.slice(before).map(({ model }) => model);
    expect(new Set(models)).toEqual(new Set(['scripted-small']));
  });

  it('tools that nobody calls are not offered', () => {
    expect(house.models.asked.at(-1)?.tools).not.toContain('yard__photos');
    expect(house.models.asked.at(-1)?.tools).toContain('yard__crane');
  });

  it('the pump is mended without a word', async () => {
    await traffic.pumpStops('mended');
    expect(house.yard.tried).toHaveLength(2);
  });

  it('mails become tickets', async () => {
    expect(await traffic.mails(9)).toHaveLength(9);
  });

  it('stays at the end of its trial, with its gain measured', async () => {
    await hoursPass(house, sinceMs, trialHours + 0.5);
    for (const loop of loopNames) {
      const id = agreed.get(loop)?.id ?? 0;
      const { application, measure } = await house.client.promotion(id);
      expect({ loop, application, ...measure }).toMatchObject({
        loop,
        application: 'kept',
        verdict: 'better',
      });
    }
    const shown = await house.kora('promotion', 'show', String(agreed.get('promote_phrasebook')?.id));
    expect(shown).toMatch(/its trial.*better[^]*deflected 0 -> \d+[^]*saves \$0\.\d+/);
  });

  it('goes on with its trial where too little was seen to say', async () => {
    const { application, measure, trialUntil } = await house.client.promotion(unseen?.id ?? 0);
    expect({ application, verdict: measure?.verdict }).toEqual({
      application: 'applied',
      verdict: 'unclear',
    });
    expect(Date.parse(trialUntil ?? '')).toBeGreaterThan(house.clock.now());
  });

  it('leaves a log that proves, from the first day of the month', async () => {
    expect(await house.client.verify()).toMatchObject({ ok: true });
  });
});

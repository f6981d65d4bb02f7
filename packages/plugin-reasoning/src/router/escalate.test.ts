import type { EngineRequest } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import type { FirstAnswer, Routing } from '../contract.ts';
import { routerSchema } from './config.ts';
import { escalatedDraft, escalated, overrideDraft } from './events.ts';
import { routerFor } from './router.ts';
import { model, request, threeModels } from './testing/request.ts';

const config = routerSchema.parse({});

function answered(given: Partial<FirstAnswer> = {}): FirstAnswer {
  return { text: 'Three are open.', toolCalls: 1, read: new Set(), ...given };
}

/** What becomes of a first answer: the reason of the second choice, or null. */
function second(
  answer: Partial<FirstAnswer>,
  given: Partial<EngineRequest> = {},
  models = threeModels,
): Routing | null {
  const router = routerFor(models, config);
  const asked = request(given);
  const first = router.choose(asked);
  expect(first.model).not.toBeNull();
  return router.escalate(asked, first as Routing, answered(answer));
}

describe('a weak first answer is thought through once more', () => {
  it('when it is not sure of itself', () => {
    expect(second({ text: "I'm not sure, but it may be the disk." })).toMatchObject({
      model: { tier: 'standard' },
      reason: 'escalated:low_confidence',
    });
    expect(second({ text: 'I’m not sure.' })).toMatchObject({ reason: 'escalated:low_confidence' });
    expect(second({ text: 'The log says: connection refused.' })).toBeNull();
  });

  it('when it is too short for a long question', () => {
    const text = 'Tell me what happened. '.repeat(10);
    const short = { text: 'Nothing.', toolCalls: 0 };
    expect(second(short, { text })).toMatchObject({ reason: 'escalated:short_answer' });
    expect(second(short)).toBeNull();
    // It looked, or it is a ticket: then few words are enough.
    expect(second({ ...short, toolCalls: 2 }, { text })).toBeNull();
    expect(second(short, { text, route: 'ticket' })).toBeNull();
  });

  it('when its verdict is missing, unsure, or rests on what was not read', () => {
    const claims = [
      { text: 'the disk is full', evidence: ['probe:disk@1'] },
      { text: 'the shop is down', evidence: ['probe:shop@1'] },
      { text: 'somebody pulled a plug', evidence: [] },
    ];
    const verdict = { verdict: true };
    expect(second({}, verdict)).toMatchObject({ reason: 'escalated:no_verdict' });
    expect(second({ claims, read: new Set(['probe:disk@1']) }, verdict)).toMatchObject({
      reason: 'escalated:claims_unproven',
    });
    const read = new Set(['probe:disk@1', 'probe:shop@1']);
    expect(second({ claims, read, confidence: 0.9 }, verdict)).toBeNull();
    expect(second({ claims, read, confidence: 0.1 }, verdict)).toMatchObject({
      reason: 'escalated:low_confidence',
    });
  });
});

describe('it stays with the first answer', () => {
  const weak = { text: 'I do not know.' };

  it('after tool calls that came to a good one, however many there were (daemon defect W51)', () => {
    expect(second({ toolCalls: 25 })).toBeNull();
  });

  it('when it has been escalated already: once in a run', () => {
    const router = routerFor(threeModels, config);
    const again = second(weak);
    expect(again).not.toBeNull();
    expect(router.escalate(request(), again as Routing, answered(weak))).toBeNull();
  });

  it('when the operator asked for the small one', () => {
    expect(second(weak, { text: '/small how many?' })).toBeNull();
  });

  it('when money leaves nothing larger, or nothing larger is there', () => {
    expect(second(weak, { rung: 'downshift_90', highestTier: 'small' })).toBeNull();
    expect(second(weak, {}, [model('small')])).toBeNull();
    expect(second(weak, {}, [model('small'), model('large')])).toMatchObject({ model: { tier: 'large' } });
  });

  it('when escalation is switched off', () => {
    const never = routerFor(threeModels, routerSchema.parse({ escalate: false }));
    const first = never.choose(request()) as Routing;
    expect(never.escalate(request(), first, answered(weak))).toBeNull();
  });
});

describe('outcomes are measured', () => {
  it('tells of an escalation and of how much the answers agree', () => {
    const asked = request({ ticket: { ticketId: 7, fence: 2, downshift: 'eligible' } });
    const first = routerFor(threeModels, config).choose(asked) as Routing;
    const then = { ...first, model: model('large'), reason: 'escalated:low_confidence' };
    const draft = escalatedDraft(asked, {
      first,
      firstText: 'I am not sure: the disk',
      second: then,
      secondText: 'The disk.',
    });
    expect(draft).toMatchObject({ type: 'reasoning.escalated', ticketId: 7 });
    expect(escalated.payload.parse(draft?.payload)).toEqual({
      run_id: 'run-1',
      route: 'cli',
      why: 'low_confidence',
      first_reason: 'default_small',
      first_model: 'small',
      first_tier: 'small',
      model: 'large',
      tier: 'large',
      agreement: 0.33,
      confidence: null,
      score: 0,
    });
    expect(escalatedDraft(asked, { first, firstText: '', second: first, secondText: '' })).toBeNull();
  });

  it('tells of an override that was taken, and of no other', () => {
    const tell = (text: string, given: Partial<EngineRequest> = {}) => {
      const asked = request({ text, ...given });
      return overrideDraft(asked, routerFor(threeModels, config).choose(asked) as Routing);
    };
    expect(tell('/large why?')).toEqual({
      type: 'reasoning.override_applied',
      payload: { route: 'cli', model: 'large', source: '/large', reason: 'why?' },
    });
    expect(tell('why?')).toBeNull();
    expect(tell('/model nemo why?')).toBeNull();
    expect(tell('/large why?', { rung: 'downshift_90', highestTier: 'small' })).toBeNull();
  });
});

import type { PromotionDetail } from '@kora/runtime/client';
import { before } from './rows.ts';

const figures = [{ name: 'answered_without_thinking', before: 0.31, after: 0.44, samples: 412 }];

/** A staged proposal that waits for the operator's word. */
export function proposal(part: Partial<PromotionDetail> = {}): PromotionDetail {
  return {
    id: 12,
    loop: 'phrasebook',
    fingerprint: 'b1946ac92492d2347c6235b4d2611184',
    revision: 1,
    digest: '591785b794601e212b260e25925636fd3b7f5e0a5c2d9d8f6a1c4e7b0d2f3a4b',
    decision: 'pending',
    application: 'not_started',
    title: 'Answer “is the mirror done?” from the phrasebook',
    why: 'It was asked 38 times in 28 days and answered from the same fact each time.',
    risk: 'low',
    change: {
      kind: 'phrasebook.entry',
      key: '[is] [the] mirror (done|ready) $',
      value: { reply: 'The mirror: {snapshot.service_health.said.mirror}.' },
    },
    evidence: { size: 38, samples: [{ text: 'is the mirror done?', ref: 'r-0199f29a' }] },
    baseline: figures,
    expected: { microUsdPerDay: 41_000, secondsPerDay: 96 },
    examination: {
      passed: true,
      why: '11 of 11 questions that it had not seen would have had the same answer.',
      figures,
      gain: { microUsdPerDay: 39_000, secondsPerDay: 90 },
    },
    proposedAt: before(7_200),
    expiresAt: before(-600_000),
    decidedAt: null,
    decidedBy: null,
    appliedAt: null,
    trialUntil: null,
    measure: null,
    measuredAt: null,
    supersededBy: null,
    lines: [
      {
        path: 'reply',
        before: null,
        after: 'The mirror: {snapshot.service_health.said.mirror}.',
      },
    ],
    blastRadius: 'questions on slack_dm and cli',
    refusal: null,
    rollbackTo: null,
    steps: [
      {
        ordinal: 1,
        at: before(7_200),
        actor: 'loop phrasebook',
        reason: 'proposed',
        decision: 'pending',
        application: 'not_started',
        revision: 1,
      },
    ],
    revisions: [{ revision: 1, digest: '591785b794601e212b260e25925636fd', at: before(7_200) }],
    next: 'kora promotion approve 12 --revision 1 --reason "…"',
    ...part,
  };
}

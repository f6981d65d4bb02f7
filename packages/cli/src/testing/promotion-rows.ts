import type { PromotionDetail, PromotionLoopRow, PromotionRow, PromotionRunRow } from '@kora/runtime/client';
import { before } from './noon.ts';

const figure = { name: 'precision', before: null, after: 1, samples: 41 };

export function promotion(over: Partial<PromotionRow> = {}): PromotionRow {
  return {
    id: 12,
    loop: 'promote_phrasebook',
    fingerprint: 'f'.repeat(64),
    revision: 2,
    digest: `3f9a12cd${'0'.repeat(56)}`,
    decision: 'pending',
    application: 'not_started',
    title: 'answer "is shop up" from the snapshot\u001b[31m',
    why: 'It was asked 212 times in 14 days, and the answer was one field of the snapshot.',
    risk: 'low',
    change: { kind: 'phrasebook.entry', key: 'is shop up', value: { reply: '{snapshot.health.shop}' } },
    evidence: { size: 212, samples: [{ text: 'is shop up? -> healthy', ref: 'run 01J' }] },
    baseline: [{ name: 'cost_per_question_micro_usd', before: 5_200, after: 0, samples: 212 }],
    expected: { microUsdPerDay: 412_000, secondsPerDay: 200 },
    examination: {
      passed: true,
      why: 'precision 1 of at least 0.98',
      figures: [figure],
      gain: { microUsdPerDay: 400_000, secondsPerDay: 190 },
    },
    proposedAt: before(3_600),
    expiresAt: before(-86_400),
    decidedAt: null,
    decidedBy: null,
    appliedAt: null,
    trialUntil: null,
    measure: null,
    measuredAt: null,
    supersededBy: null,
    ...over,
  };
}

export function promotionDetail(over: Partial<PromotionDetail> = {}): PromotionDetail {
  return {
    ...promotion(),
    lines: [{ path: 'reply', before: 'as you wrote it', after: '{snapshot.health.shop}' }],
    blastRadius: 'questions on slack_dm',
    refusal: null,
    rollbackTo: null,
    steps: [
      {
        ordinal: 1,
        at: before(3_600),
        actor: 'loop:promote_phrasebook',
        reason: 'found',
        decision: 'pending',
        application: 'not_started',
        revision: 1,
      },
    ],
    revisions: [
      { revision: 1, digest: 'a'.repeat(64), at: before(7_200) },
      { revision: 2, digest: `3f9a12cd${'0'.repeat(56)}`, at: before(3_600) },
    ],
    next: "kora promotion approve 12 --revision 2 --reason '...'",
    ...over,
  };
}

export function promotionRun(over: Partial<PromotionRunRow> = {}): PromotionRunRow {
  return {
    loop: 'promote_phrasebook',
    at: before(60),
    durationMs: 412,
    outcome: 'ok',
    error: null,
    observed: 9_000,
    drafts: 3,
    proposed: 1,
    unchanged: 1,
    refused: [{ title: 'answer "how is it"', why: 'precision 0.91 of at least 0.98' }],
    notes: [],
    ...over,
  };
}

export function promotionLoop(over: Partial<PromotionLoopRow> = {}): PromotionLoopRow {
  return {
    name: 'promote_phrasebook',
    plugin: 'promote-loops',
    means: 'answers what is asked again and again without a model',
    kinds: ['phrasebook.entry'],
    settings: {
      enabled: true,
      everyHours: 24,
      windowDays: 14,
      expiryDays: 14,
      trialHours: 72,
      applyLowRisk: false,
    },
    lastRun: promotionRun(),
    nextRunAt: before(-86_340),
    ...over,
  };
}

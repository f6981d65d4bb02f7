import type { FixAttemptRow, FixOfferRow, FixRehearsalView } from '@kora/runtime/client';
import { before } from './noon.ts';

export function fixAttempt(over: Partial<FixAttemptRow> = {}): FixAttemptRow {
  return {
    attemptId: 4,
    probe: 'shop-unit',
    fix: 'restart_unit',
    plugin: 'probes',
    capability: 'cap_autofix',
    mode: 'approve',
    target: 'unit:shop.service@web-1',
    incidentId: 7,
    wakeId: 'wake-7',
    askedBy: 'wake',
    session: null,
    ticketId: null,
    reason: 'incident 7 opened',
    status: 'waiting',
    outcome: null,
    code: null,
    detail: null,
    remedy: null,
    approvalId: 12,
    conditions: [{ name: 'unit_not_active', holds: true, saw: 'it is failed' }],
    before: { activeState: 'failed' },
    after: null,
    askedAt: before(60),
    beganAt: null,
    endedAt: null,
    ...over,
  };
}

export function fixOffer(over: Partial<FixOfferRow> = {}): FixOfferRow {
  return {
    probe: 'shop-unit',
    fix: 'restart_unit',
    title: 'restarts the unit',
    plugin: 'probes',
    mode: 'approve',
    capability: 'cap_autofix',
    perTargetPerHour: 2,
    verifyMs: 120_000,
    canRollBack: false,
    targets: [{ id: 'unit:shop.service@web-1', title: 'unit shop.service on web-1' }],
    ...over,
  };
}

export function fixRehearsal(over: Partial<FixRehearsalView> = {}): FixRehearsalView {
  return {
    verdict: 'would_ask',
    code: null,
    detail: null,
    remedy: null,
    probe: 'shop-unit',
    fix: 'restart_unit',
    target: 'unit:shop.service@web-1',
    capability: 'cap_autofix',
    incidentId: 7,
    conditions: [{ name: 'unit_not_active', holds: true, saw: 'it is failed' }],
    before: { activeState: 'failed' },
    ...over,
  };
}

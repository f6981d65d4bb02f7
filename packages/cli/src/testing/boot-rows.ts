import type { BootReport, BootStatus } from '@kora/runtime/client';
import { before } from './noon.ts';

type PastBoot = BootStatus['history'][number];

export function bootReport(over: Partial<BootReport> = {}): BootReport {
  return {
    bootId: 7,
    outcome: 'passed',
    startedAt: before(3_600),
    elapsedMs: 412,
    exitCode: 0,
    budgetMs: 400_000,
    waitingFor: null,
    degradationReasons: [],
    gates: [
      {
        gateId: 'substrate',
        title: 'The store answers',
        gateClass: 'transient',
        outcome: 'pass',
        attempts: 1,
        elapsedMs: 12,
        detail: 'PostgreSQL 18.4',
      },
      {
        gateId: 'chain',
        title: 'The chain verifies',
        gateClass: 'invariant',
        outcome: 'pass',
        attempts: 1,
        elapsedMs: 30,
        detail: '412 events',
      },
    ],
    phases: [{ phase: 'store', ms: 200 }],
    ...over,
  };
}

/** A boot of the history, as the API lists it. */
export function pastBoot(over: Partial<PastBoot> = {}): PastBoot {
  const { gates, phases } = bootReport();
  return {
    bootId: 7,
    runtimeId: '0198c0de-0000-7000-8000-000000000001',
    startedAt: before(3_600),
    finishedAt: before(3_599),
    outcome: 'passed',
    elapsedMs: 412,
    version: '0.1.0',
    rerunOf: null,
    failedGate: null,
    detail: null,
    exitCode: 0,
    gates,
    phases,
    ...over,
  };
}

import type { BootReport, BootStatus, GateReport } from '@kora/runtime/client';

export type PastBoot = BootStatus['history'][number];

/** A gate in two boots; null: that boot had no such gate, or never came to it. */
export interface GatePair {
  readonly gateId: string;
  readonly title: string;
  readonly before: GateReport | null;
  readonly now: GateReport | null;
  /** Milliseconds that it took longer now; null where either did not run. */
  readonly slowerMs: number | null;
  /** Whether it ended differently. */
  readonly differs: boolean;
}

/** Which boot the present one is compared with: the one asked for, else the last good one before it. */
export function comparedWith(
  history: readonly PastBoot[],
  current: Pick<BootReport, 'bootId'>,
  asked: string,
): PastBoot | null {
  const earlier = history
    .filter(({ bootId, rerunOf }) => bootId !== current.bootId && rerunOf === null)
    .toSorted((a, b) => b.bootId - a.bootId);
  const chosen = earlier.find(({ bootId }) => String(bootId) === asked);
  const good = earlier.find(({ outcome }) => outcome === 'passed');
  return chosen ?? good ?? earlier[0] ?? null;
}

/** The gates of both boots in the order of the present one; those of the earlier one alone come last. */
export function gatePairs(before: readonly GateReport[], now: readonly GateReport[]): readonly GatePair[] {
  const gone = before.filter(({ gateId }) => !now.some((gate) => gate.gateId === gateId));
  return [
    ...now.map((gate) => pairOf(before.find(({ gateId }) => gateId === gate.gateId) ?? null, gate)),
    ...gone.map((gate) => pairOf(gate, null)),
  ];
}

function pairOf(before: GateReport | null, now: GateReport | null): GatePair {
  const named = now ?? before;
  const ran = (gate: GateReport | null): gate is GateReport =>
    gate !== null && gate.outcome !== 'not_reached';
  return {
    gateId: named?.gateId ?? '',
    title: named?.title ?? '',
    before,
    now,
    slowerMs: ran(before) && ran(now) ? now.elapsedMs - before.elapsedMs : null,
    differs: before?.outcome !== now?.outcome,
  };
}

/** `+12 ms`, `−1.2 s`, `same`. */
export function slowerWords(slowerMs: number, duration: (ms: number) => string): string {
  if (Math.abs(slowerMs) < 1) return 'same';
  return slowerMs > 0 ? `+${duration(slowerMs)}` : duration(slowerMs);
}

/** The place of the gate that the boot stopped or pauses at, from 0; -1 without one. One that ends a boot is the last asked. */
export function blockingAt({ gates, outcome }: BootReport): number {
  const saysNo = (gate: GateReport): boolean => gate.outcome === 'fail' || gate.outcome === 'unavailable';
  return outcome === 'failed' || outcome === 'refused'
    ? gates.findLastIndex(saysNo)
    : gates.findIndex(saysNo);
}

/** What is read aloud: what failed, and the end of it. Not each gate that passes. */
export function spokenOf(boot: BootReport, verdict: string): string {
  const failed = boot.gates.filter(({ outcome }) => outcome === 'fail' || outcome === 'unavailable');
  const said = failed.map(({ title, outcome }) => `${title}: ${outcome === 'fail' ? 'failed' : outcome}`);
  return [...said, ...(boot.outcome === 'running' ? [] : [verdict])].join('. ');
}

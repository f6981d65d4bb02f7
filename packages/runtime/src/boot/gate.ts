import type { Clock } from '../clock/index.ts';
import { withDeadline } from '../clock/index.ts';
import { KoraError, messageOf } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';

/** `transient`: tried five times. `invariant`: one no stops the boot. `invariant_pause`: a no pauses, and the boot goes on. */
export type GateClass = 'transient' | 'invariant' | 'invariant_pause';

export interface Gate {
  readonly gateId: string;
  readonly title: string;
  readonly gateClass: GateClass;
  /** Milliseconds one try may take. */
  readonly deadlineMs: number;
  /** Resolves with one sentence of evidence; a throw is a no, a store that is away is no answer. */
  run(signal: AbortSignal): Promise<string>;
}

export type GateOutcome = 'pass' | 'fail' | 'unavailable' | 'not_reached';

export interface GateReport {
  readonly gateId: string;
  readonly title: string;
  readonly gateClass: GateClass;
  readonly outcome: GateOutcome;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly detail: string;
  readonly fix?: string;
  /** Whose hold a pausing no is, when others may find the same; the gate's own when it is left out. */
  readonly holdOwner?: string;
}

export interface RunGates {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of every gate's standing as it changes, for /readyz and the page. */
  readonly onReport: (report: GateReport) => void;
  /** Told before a transient gate is tried again. */
  readonly onRetry: (report: GateReport) => void;
  /** One try a gate and no waiting: for `kora boot --check-only`. */
  readonly once?: boolean;
}

export type Verdict =
  | { readonly outcome: 'passed' }
  /** Gates that said no and pause; the boot went on. */
  | { readonly outcome: 'paused'; readonly gates: readonly GateReport[] }
  | { readonly outcome: 'failed'; readonly gate: GateReport };

const retryWaitsMs = [2_000, 4_000, 8_000, 16_000];
const unavailableWaitMs = 2_000;

/** Runs the gates in order and says what follows. Only a definite no stops: a store that is away is waited for. */
export async function runGates(gates: readonly Gate[], options: RunGates): Promise<Verdict> {
  const paused: GateReport[] = [];
  for (const gate of gates) {
    const report = await runGate(gate, options);
    if (report.outcome === 'pass') continue;
    if (gate.gateClass !== 'invariant_pause') return { outcome: 'failed', gate: report };
    paused.push(report);
  }
  return paused.length === 0 ? { outcome: 'passed' } : { outcome: 'paused', gates: paused };
}

/** The standing of a gate nobody has run yet. */
export function notReached({ gateId, title, gateClass }: Gate): GateReport {
  return { gateId, title, gateClass, outcome: 'not_reached', attempts: 0, elapsedMs: 0, detail: '' };
}

async function runGate(gate: Gate, options: RunGates): Promise<GateReport> {
  const { clock, signal, onReport, onRetry } = options;
  const from = clock.monotonic();
  let tries = 0;
  for (let attempts = 1; ; attempts += 1) {
    const answer = await attempt(gate, options);
    const elapsedMs = Math.round((clock.monotonic() - from) * 10) / 10;
    const report: GateReport = { ...notReached(gate), ...answer, attempts, elapsedMs };
    onReport(report);
    if (answer.outcome === 'pass' || options.once === true || signal.aborted) return report;
    if (answer.outcome === 'fail') tries += 1;
    const wait = answer.outcome === 'unavailable' ? unavailableWaitMs : retryWait(gate, tries);
    if (wait === undefined) return report;
    onRetry(report);
    if (!(await clock.sleep(wait, signal))) return report;
  }
}

/** Undefined when a no is final. */
function retryWait(gate: Gate, tries: number): number | undefined {
  return gate.gateClass === 'transient' ? retryWaitsMs[tries - 1] : undefined;
}

type Answer = Pick<GateReport, 'outcome' | 'detail' | 'fix' | 'holdOwner'>;

async function attempt(gate: Gate, { clock, signal }: RunGates): Promise<Answer> {
  try {
    const deadline = { ms: gate.deadlineMs, what: `gate ${gate.gateId}`, signal };
    return { outcome: 'pass', detail: await withDeadline(clock, deadline, (limit) => gate.run(limit)) };
  } catch (error) {
    const { fix, details } = error instanceof KoraError ? error : {};
    const holdOwner = details?.['holdOwner'];
    const away = isStoreAway(error);
    return {
      outcome: away ? 'unavailable' : 'fail',
      detail: messageOf(error),
      ...(fix === undefined ? {} : { fix }),
      ...(typeof holdOwner === 'string' ? { holdOwner } : {}),
    };
  }
}

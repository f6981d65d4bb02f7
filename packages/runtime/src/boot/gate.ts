import type { Clock } from '../clock/index.ts';
import { withDeadline } from '../clock/index.ts';
import { KoraError, messageOf } from '../fault/index.ts';
import type { FaultCode } from '../fault/index.ts';
import type { DegradationReason } from '../state/index.ts';
import { isStoreAway } from '../store/index.ts';
import { isFinal, retryWaitMs, storeLookMs, unavailableWaitMs } from './patience.ts';

/** `transient`: tried five times. `invariant`: one no stops the boot. `invariant_pause`: a no pauses, and the boot goes on. */
export type GateClass = 'transient' | 'invariant' | 'invariant_pause';

/** What is known of a gate before anybody has run it. */
export interface GateFacts {
  readonly gateId: string;
  readonly title: string;
  readonly gateClass: GateClass;
  /** Milliseconds one try may take. */
  readonly deadlineMs: number;
  /** What the runtime is degraded by while this gate is tried again, or passed without an answer. */
  readonly reason?: DegradationReason;
}

export interface Gate extends GateFacts {
  /**
   * Resolves with one sentence of evidence, or with an answer. A throw is a no, but of a gate that pauses: there only an
   * answer is one, and a throw says that it could not look. A store that is away is no answer of any gate.
   */
  run(signal: AbortSignal): Promise<string | GateAnswer>;
}

export type GateAnswer =
  | { readonly outcome: 'pass'; readonly detail: string; readonly degradation?: DegradationReason }
  /** `holdOwner`: whose hold a pausing no is, when others may find the same; the gate's own when it is left out. */
  | { readonly outcome: 'fail'; readonly detail: string; readonly fix?: string; readonly holdOwner?: string }
  /** An outside service did not answer: the gate passes, and its reason degrades. */
  | { readonly outcome: 'unavailable'; readonly detail: string }
  /** A check without consequences cannot know what a boot would find. */
  | { readonly outcome: 'not_reached'; readonly detail: string; readonly degradation?: DegradationReason };

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
  readonly holdOwner?: string;
  /** The error of a no, where it has a code. */
  readonly code?: string;
  /** What this gate degrades as it stands. */
  readonly degradation?: DegradationReason;
  /** What kept a gate that passed in the end from passing at once. */
  readonly trouble?: string;
}

export interface RunGates {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of every gate's standing as it changes, for /readyz and the page. */
  readonly onReport: (report: GateReport) => void;
  /** Told before a gate is tried again. */
  readonly onRetry: (report: GateReport) => void;
  /** Told at once when a pausing gate says no; the next gate waits for it. */
  readonly onPause?: (report: GateReport) => Promise<void>;
  /** Asked when a gate hangs: one that waits for a store which is away has said nothing. Left out, a hang is a no. */
  readonly storeAnswers?: (signal: AbortSignal) => Promise<void>;
  /** One try a gate and no waiting: for `kora boot --check-only`. */
  readonly once?: boolean;
}

export type Verdict =
  | { readonly outcome: 'passed' }
  /** Gates that said no and pause; the boot went on. */
  | { readonly outcome: 'paused'; readonly gates: readonly GateReport[] }
  /** The error that a boot ends with, and with it the exit code. */
  | { readonly outcome: 'failed'; readonly gate: GateReport; readonly code: FaultCode };

/** Runs the gates in order and says what follows. Only a definite no stops: a store that is away is waited for. */
export async function runGates(gates: readonly Gate[], options: RunGates): Promise<Verdict> {
  const paused: GateReport[] = [];
  for (const gate of gates) {
    const { report, isNo } = await runGate(gate, options);
    if (report.outcome === 'pass' || report.outcome === 'not_reached') continue;
    if (gate.gateClass !== 'invariant_pause' || !isNo)
      return { outcome: 'failed', gate: report, code: codeOf(report, isNo) };
    paused.push(report);
    await options.onPause?.(report);
  }
  return paused.length === 0 ? { outcome: 'passed' } : { outcome: 'paused', gates: paused };
}

/** The standing of a gate nobody has run yet. */
export function notReached({
  gateId,
  title,
  gateClass,
}: Pick<GateFacts, 'gateId' | 'title' | 'gateClass'>): GateReport {
  return { gateId, title, gateClass, outcome: 'not_reached', attempts: 0, elapsedMs: 0, detail: '' };
}

/** A newer schema has an exit code of its own; a no is final, and everything else may be better next time. */
function codeOf({ gateClass, code, outcome }: GateReport, isNo: boolean): FaultCode {
  if (code === 'KORA_SCHEMA_NEWER') return code;
  const isFinalNo = outcome === 'fail' && isNo && gateClass !== 'transient';
  return isFinalNo ? 'KORA_BOOT_FAILED' : 'KORA_BOOT_EXHAUSTED';
}

interface Ran {
  readonly report: GateReport;
  /** A definite no, and not only trouble in finding out. */
  readonly isNo: boolean;
}

async function runGate(gate: Gate, options: RunGates): Promise<Ran> {
  const { clock, signal, onReport, onRetry } = options;
  const from = clock.monotonic();
  let tries = 0;
  let trouble: string | undefined;
  for (let attempts = 1; ; attempts += 1) {
    const { isNo, ...answer } = await attempt(gate, options);
    const elapsedMs = Math.round((clock.monotonic() - from) * 10) / 10;
    const { outcome } = answer;
    const report: GateReport = { ...notReached(gate), ...answer, attempts, elapsedMs, ...told(trouble) };
    onReport(report);
    const isOver = outcome === 'pass' || outcome === 'not_reached';
    if (isOver || options.once === true || signal.aborted) return { report, isNo };
    if (outcome === 'fail') tries += 1;
    const wait =
      outcome === 'unavailable' ? unavailableWaitMs : isFinal(gate, isNo) ? undefined : retryWaitMs(tries);
    if (wait === undefined) return { report, isNo };
    trouble = answer.detail;
    onRetry(report);
    if (!(await clock.sleep(wait, signal))) return { report, isNo };
  }
}

function told(trouble: string | undefined): { readonly trouble?: string } {
  return trouble === undefined ? {} : { trouble };
}

type Attempt = Pick<GateReport, 'outcome' | 'detail' | 'fix' | 'holdOwner' | 'code' | 'degradation'> & {
  readonly isNo: boolean;
};

async function attempt(gate: Gate, options: RunGates): Promise<Attempt> {
  const { clock, signal } = options;
  try {
    const deadline = { ms: gate.deadlineMs, what: `gate ${gate.gateId}`, signal };
    const answer = await withDeadline(clock, deadline, (limit) => gate.run(limit));
    return heard(gate, typeof answer === 'string' ? { outcome: 'pass', detail: answer } : answer);
  } catch (error) {
    const detail = messageOf(error);
    const away = isStoreAway(error) ? detail : await silence(error, options);
    if (away !== undefined)
      return { outcome: 'unavailable', detail: away, degradation: 'substrate', isNo: false };
    const { fix, code } = error instanceof KoraError ? error : {};
    return {
      outcome: 'fail',
      detail,
      isNo: gate.gateClass !== 'invariant_pause',
      ...(fix === undefined ? {} : { fix }),
      ...(code === undefined ? {} : { code }),
      ...degrading(gate),
    };
  }
}

function heard(gate: Gate, answer: GateAnswer): Attempt {
  switch (answer.outcome) {
    case 'unavailable':
      return { outcome: 'pass', detail: answer.detail, isNo: false, ...degrading(gate) };
    case 'fail':
      // A pausing no degrades nothing: its hold says it all.
      return { ...answer, isNo: true, ...(gate.gateClass === 'invariant_pause' ? {} : degrading(gate)) };
    case 'pass':
    case 'not_reached':
      return { ...answer, isNo: false };
  }
}

function degrading({ reason }: Gate): { readonly degradation?: DegradationReason } {
  return reason === undefined ? {} : { degradation: reason };
}

/** Whether a gate hung because the store does: then that is what there is to say. */
async function silence(
  error: unknown,
  { clock, signal, storeAnswers }: RunGates,
): Promise<string | undefined> {
  const hung = error instanceof KoraError && error.code === 'KORA_TIMEOUT';
  if (!hung || storeAnswers === undefined || signal.aborted) return undefined;
  try {
    await withDeadline(clock, { ms: storeLookMs, what: 'the store', signal }, storeAnswers);
    return undefined;
  } catch {
    return `${error.message}, and the store does not answer`;
  }
}

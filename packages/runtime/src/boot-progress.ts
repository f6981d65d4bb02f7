import { budgetMs, gateFacts, notReached } from './boot/index.ts';
import type { BootEnd, Gate, GateReport, Phase, Verdict } from './boot/index.ts';
import type { Clock } from './clock/index.ts';
import { exitCodes, fault, faultRow, KoraError, messageOf } from './fault/index.ts';
import type { shape } from './http/index.ts';
import type { DegradationReason } from './state/index.ts';

/** How a boot ended, for its row. */
export interface BootOutcome {
  readonly outcome: BootEnd;
  readonly failedGate: string | null;
  readonly detail: string | null;
  readonly exitCode: number;
}

/** A boot as it goes on: what /readyz and the page show from the first moment, the gates not reached included. */
export class BootProgress {
  /** Of this boot alone, before it has a row. */
  readonly key: string;
  readonly startedAt: string;
  readonly #now: () => number;
  readonly #from: number;
  #phaseFrom: number;
  readonly #phases: Phase[] = [];
  readonly #gates = new Map<string, GateReport>();
  #budgetMs: number;
  #bootId: number | null = null;
  #waitingFor: string | null = null;
  /** What is said of the store while something beside the gates waits for it. */
  #away: string | null = null;
  #end: BootOutcome | undefined;
  #elapsedMs: number | undefined;

  constructor(clock: Clock) {
    this.#now = () => clock.monotonic();
    this.key = clock.uuid();
    this.startedAt = new Date(clock.now()).toISOString();
    this.#from = clock.monotonic();
    this.#phaseFrom = this.#from;
    this.#budgetMs = budgetMs(gateFacts);
    for (const facts of gateFacts) this.#gates.set(facts.gateId, notReached(facts));
  }

  get elapsedMs(): number {
    return round(this.#elapsedMs ?? this.#now() - this.#from);
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  get end(): BootOutcome | undefined {
    return this.#end;
  }

  get bootId(): number | null {
    return this.#bootId;
  }

  /** Closes the phase that began when the last one ended. */
  phase(phase: string): void {
    this.#phases.push({ phase, ms: round(this.#now() - this.#phaseFrom) });
    this.#phaseFrom = this.#now();
  }

  opened(bootId: number | null): void {
    this.#bootId = bootId;
  }

  /** The gates as they will run; what was found of them before stays. */
  gatesAre(gates: readonly Gate[]): void {
    const known = new Map(this.#gates);
    this.#gates.clear();
    for (const gate of gates) this.#gates.set(gate.gateId, known.get(gate.gateId) ?? notReached(gate));
    this.#budgetMs = budgetMs(gates);
  }

  gate(report: GateReport): void {
    this.#gates.set(report.gateId, report);
    this.#waitingFor = report.outcome === 'unavailable' ? report.detail : null;
  }

  /** Before the gates can be asked: what is found that one of them would have to say. */
  early(
    gateId: string,
    found: Pick<GateReport, 'outcome' | 'detail' | 'fix' | 'code' | 'degradation'>,
  ): void {
    const facts = gateFacts.find((gate) => gate.gateId === gateId);
    if (facts === undefined) return;
    const attempts = (this.#gates.get(gateId)?.attempts ?? 0) + 1;
    this.gate({ ...notReached(facts), ...found, attempts, elapsedMs: this.elapsedMs });
  }

  /** A boot waits for the store outside its gates: what it says, or null when it answers. */
  waits(away: string | null): void {
    this.#away = away;
  }

  /** The store answers: what was said of gates while it did not is over. */
  storeAnswers(): void {
    this.#waitingFor = null;
    for (const facts of gateFacts) {
      if (this.#gates.get(facts.gateId)?.outcome === 'unavailable')
        this.#gates.set(facts.gateId, notReached(facts));
    }
  }

  ended(end: BootOutcome): void {
    this.#elapsedMs = this.elapsedMs;
    this.#waitingFor = null;
    this.#away = null;
    this.#end = end;
  }

  /** Gates that ran again in a living runtime ended it: from now on this is its boot, and what came after the no is not known. */
  endedAgain(bootId: number | undefined, end: BootOutcome): void {
    this.#bootId = bootId ?? this.#bootId;
    this.ended(end);
    const gates = this.gates();
    const at = gates.findIndex(({ gateId }) => gateId === end.failedGate);
    if (at === -1) return;
    for (const gate of gates.slice(at + 1)) this.#gates.set(gate.gateId, notReached(gate));
  }

  report(): shape.BootReport {
    return {
      bootId: this.#bootId,
      outcome: this.#end?.outcome ?? 'running',
      exitCode: this.#end?.exitCode ?? null,
      startedAt: this.startedAt,
      elapsedMs: this.elapsedMs,
      budgetMs: this.#budgetMs,
      waitingFor: this.#away ?? this.#waitingFor,
      degradationReasons: this.degradations(),
      gates: this.gates(),
      phases: [...this.#phases],
    };
  }

  /** What the gates degrade as they stand, sorted. */
  degradations(): DegradationReason[] {
    const reasons = this.gates().flatMap(({ degradation }) => degradation ?? []);
    if (this.#away !== null) reasons.push('substrate');
    return [...new Set(reasons)].sort();
  }

  gates(): GateReport[] {
    return [...this.#gates.values()];
  }
}

/** What an error makes of a boot; one that was called off has not failed. */
export function outcomeOfError(error: unknown, wasCalledOff: boolean, hadGates: boolean): BootOutcome {
  const named = error instanceof KoraError ? error.details['gate'] : undefined;
  const failedGate = typeof named === 'string' ? named : null;
  const detail = messageOf(error);
  if (wasCalledOff)
    return { outcome: 'interrupted', failedGate: null, detail, exitCode: exitCodes.interrupted };
  return { outcome: hadGates ? 'failed' : 'refused', failedGate, detail, exitCode: faultRow(error).exit };
}

/** What a boot would have ended with whose gates said this. */
export function outcomeOfVerdict(verdict: Verdict): BootOutcome {
  if (verdict.outcome === 'failed') {
    const { gateId: failedGate, detail } = verdict.gate;
    const { exit: exitCode } = faultRow(fault(verdict.code, detail));
    return { outcome: 'failed', failedGate, detail, exitCode };
  }
  const [said] = verdict.outcome === 'paused' ? verdict.gates : [];
  const { outcome } = verdict;
  return { outcome, failedGate: said?.gateId ?? null, detail: said?.detail ?? null, exitCode: exitCodes.ok };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

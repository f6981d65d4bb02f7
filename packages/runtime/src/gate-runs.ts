import { closeBoot, openBoot, runGates } from './boot/index.ts';
import type { GateReport, Verdict } from './boot/index.ts';
import { outcomeOfError } from './boot-progress.ts';
import type { BootSequence } from './boot-sequence.ts';
import { fault, faultRow, messageOf } from './fault/index.ts';
import type { ExitCode, KoraError } from './fault/index.ts';
import { gatesOf } from './gated-house.ts';
import { placeHold, wasCleared } from './state/index.ts';
import type { DegradationReason } from './state/index.ts';
import { epochGate, holdForEpoch, lookAtEpoch } from './store-life.ts';
import { waitForStore } from './store-patience.ts';

/**
 * The gates of one runtime: for its boot, and again whenever a hold went that only they can judge, so that nothing is
 * claimed on the word of a look that came before. One run at a time.
 */
export class GateRuns {
  readonly #sequence: BootSequence;
  /** Holds that a run of the gates has to follow, once they are gone. */
  #watched: ReadonlySet<number> = new Set();
  #run: Promise<void> | undefined;
  #isAgain = false;
  /** While a run takes the holds into the state itself, it needs no telling. */
  #isTaking = false;
  /** What the gates degrade now, and nobody else does. */
  #degraded: ReadonlySet<DegradationReason> = new Set();

  constructor(sequence: BootSequence) {
    this.#sequence = sequence;
  }

  /** The boot's. Throws KORA_BOOT_FAILED, KORA_BOOT_EXHAUSTED or KORA_SCHEMA_NEWER naming the gate. */
  pass(): Promise<void> {
    this.#run = this.#passAll().finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  /** Whether a hold has gone since the gates last ran; then they run again, and nothing is claimed before they have. */
  note(): void {
    if (!this.#isTaking && this.#hasLost())
      this.again().catch((error: unknown) => this.#sequence.ground.onError('gates', error));
  }

  /**
   * Once more, after the operator cleared a hold: in a boot before it ends, in a running runtime at once. A no ends it as
   * it would have ended a boot.
   */
  again(): Promise<void> {
    const isBooting = this.#sequence.rooms.holder.inputs.boot === 'running';
    if (this.#run !== undefined || isBooting) {
      this.#isAgain = true;
      return this.#run ?? Promise.resolve();
    }
    this.#run = this.#rerun().finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  /** Ends a boot in the very turn in which its gates have nothing left to judge; what was cleared meanwhile asks them first. */
  async finish(end: () => Promise<void>): Promise<void> {
    while (this.#isAgain) await this.pass();
    await end();
  }

  /** Resolves when no run is under way. */
  settled(): Promise<void> {
    return this.#run ?? Promise.resolve();
  }

  /**
   * Asks the gates once more that could not know, and in their turn the services of the tokens; nothing is claimed or
   * stopped by it.
   */
  async refresh(withTokens: boolean): Promise<void> {
    const { ground, rooms, progress, signal } = this.#sequence;
    if (this.#run !== undefined || rooms.holder.inputs.boot !== 'passed') return;
    const isOpen = (gateId: string): boolean =>
      progress.gates().some((gate) => gate.gateId === gateId && gate.degradation !== undefined);
    for (const gate of gatesOf(this.#sequence, false)) {
      if (gate.gateId === '10_smoke' || !(isOpen(gate.gateId) || (withTokens && gate.gateId === '6_tokens')))
        continue;
      const reports: GateReport[] = [];
      const onReport = (report: GateReport): void => void reports.push(report);
      await runGates([gate], { clock: ground.clock, signal, onReport, onRetry: onReport, once: true });
      const [report] = reports;
      if (signal.aborted || report === undefined || report.outcome !== 'pass') continue;
      progress.gate(report);
      await this.#degrade(gate.gateId);
    }
  }

  async #passAll(): Promise<void> {
    const { ground, rooms, progress, signal } = this.#sequence;
    do {
      const gates = gatesOf(this.#sequence, false);
      progress.gatesAre(gates);
      await this.#takeControl();
      // What went before this run began is what it follows.
      this.#isAgain = false;
      const verdict = await runGates(gates, {
        clock: ground.clock,
        signal,
        onReport: (report) => {
          progress.gate(report);
          this.#degrade(report.gateId, report).catch((error: unknown) => ground.onError('state', error));
        },
        onRetry: ({ gateId, detail }) => ground.progress(`gate ${gateId}: ${detail}; trying again`),
        onPause: (report) => waitForStore(this.#sequence, () => this.#hold(report)),
        storeAnswers: async () => void (await rooms.database.query('select 1')),
      });
      // A boot that was called off did not fail: no gate said no.
      signal.throwIfAborted();
      if (verdict.outcome === 'failed') throw await this.#failed(verdict);
      await this.#takeControl();
    } while (this.#isAgain);
  }

  async #failed({ gate, code }: Extract<Verdict, { outcome: 'failed' }>): Promise<KoraError> {
    const { gateId, detail, fix } = gate;
    const { ground, rooms } = this.#sequence;
    await rooms.holder
      .transition('boot.failed', { boot: 'failed' }, { detail: { gate_id: gateId, detail } })
      .catch((error: unknown) => ground.onError('state', error));
    return fault(code, `gate ${gateId}: ${detail}`, {
      ...(fix === undefined ? {} : { fix }),
      details: { gate: gateId },
    });
  }

  async #rerun(): Promise<void> {
    const { ground, rooms, progress, end } = this.#sequence;
    const { holder } = rooms;
    if (holder.inputs.boot !== 'passed') return;
    const from = ground.clock.monotonic();
    const detail = { gate_id: 'all', detail: 'a hold was cleared that the gates have to judge' };
    // Before anything is awaited: nothing is claimed between the end of the hold and the gates.
    const told = holder.transition(
      'boot.retrying',
      { boot: 'running' },
      { detail, note: 'the gates run again' },
    );
    await told.catch((error: unknown) => ground.onError('state', error));
    const rerun = await this.#openRerun().catch((error: unknown) => {
      ground.onError('boot history', error);
      return undefined;
    });
    try {
      do await this.#passAll();
      while (this.#isAgain);
      const elapsed = Math.round(ground.clock.monotonic() - from);
      const passed = { boot_id: rerun ?? progress.bootId ?? 0, elapsed_ms: elapsed };
      await holder.transition('boot.passed', { boot: 'passed' }, { detail: passed });
      await this.#closeRerun(rerun, elapsed, undefined);
    } catch (error) {
      if (this.#sequence.signal.aborted) return;
      progress.endedAgain(rerun, outcomeOfError(error, false, true));
      await this.#closeRerun(rerun, Math.round(ground.clock.monotonic() - from), error);
      ground.log.error(`the gates ran again: ${messageOf(error)}`);
      void end(messageOf(error), faultRow(error).exit);
    }
  }

  #openRerun(): Promise<number> {
    const { ground, rooms, progress } = this.#sequence;
    const { bootId } = progress;
    return openBoot(rooms.database, rooms.workspace.workspaceId, {
      key: ground.clock.uuid(),
      runtimeId: ground.home.runtimeId,
      version: ground.build,
      elapsedMs: 0,
      ...(bootId === null ? {} : { rerunOf: bootId }),
    });
  }

  async #closeRerun(bootId: number | undefined, elapsedMs: number, error: unknown): Promise<void> {
    if (bootId === undefined) return;
    const { ground, rooms, progress } = this.#sequence;
    const isPaused = rooms.holder.state.primaryState === 'paused';
    const said = progress.gates().find(({ outcome }) => outcome !== 'pass')?.gateId ?? null;
    const failedGate = error === undefined ? said : outcomeOfError(error, false, true).failedGate;
    const exitCode: ExitCode = error === undefined ? 0 : faultRow(error).exit;
    await closeBoot(rooms.database, rooms.workspace.workspaceId, {
      bootId,
      outcome: error !== undefined ? 'failed' : isPaused ? 'paused' : 'passed',
      elapsedMs,
      gates: progress.gates(),
      phases: [],
      failedGate,
      detail: error === undefined ? null : messageOf(error),
      exitCode,
    }).catch((failure: unknown) => ground.onError('boot history', failure));
  }

  /** A pausing no becomes a hold at once, whoever looks while the other gates run. */
  async #hold({ gateId, detail, holdOwner }: GateReport): Promise<void> {
    const { ground, rooms } = this.#sequence;
    const { database, workspace, chain } = rooms;
    const { workspaceId } = workspace;
    if (gateId === epochGate) await holdForEpoch(rooms, await lookAtEpoch(ground.home.directory, rooms));
    else
      await database.transaction(async (tx) => {
        const wish = { cause: 'chain', owner: holdOwner ?? `gate:${gateId}`, reason: detail } as const;
        // A finding that people resumed from is accepted; a gate that says no without one asks again.
        if (holdOwner !== undefined && (await wasCleared(tx, workspaceId, wish))) return;
        await placeHold(tx, { workspaceId, stage: chain.stage.bind(chain) }, wish);
      });
    await this.#takeControl();
  }

  /** Holds and stops are in force from the first moment, whoever placed them. */
  async #takeControl(): Promise<void> {
    const { rooms } = this.#sequence;
    this.#isTaking = true;
    try {
      await waitForStore(this.#sequence, () => rooms.controller.take());
    } finally {
      this.#isTaking = false;
    }
    if (this.#hasLost()) this.#isAgain = true;
  }

  /** Whether a hold that the gates judge is gone since this was asked last. */
  #hasLost(): boolean {
    const { holds } = this.#sequence.rooms.holder.inputs;
    const judged = holds.filter(({ cause }) => cause === 'dr' || cause === 'chain');
    const now = new Set(judged.map(({ holdId }) => holdId));
    const isLost = [...this.#watched].some((holdId) => !now.has(holdId));
    this.#watched = now;
    return isLost;
  }

  /** What the gates degrade comes with their trouble and goes with it; reasons of others stay. */
  async #degrade(check: string, report?: GateReport): Promise<void> {
    const { holder } = this.#sequence.rooms;
    const now = new Set(this.#sequence.progress.degradations());
    const gone = [...this.#degraded].filter((reason) => !now.has(reason));
    const come = [...now].filter((reason) => !this.#degraded.has(reason));
    this.#degraded = now;
    const { failing } = holder.inputs;
    if (gone.length > 0) {
      const left = new Set([...failing].filter((reason) => !gone.includes(reason)));
      await holder.transition('check.recovered', { failing: left }, { detail: { check } });
    }
    if (come.length === 0) return;
    const more = new Set([...holder.inputs.failing, ...come]);
    if (holder.inputs.boot !== 'running')
      return holder.transition('check.failed', { failing: more }, { detail: { check } });
    const detail = { gate_id: check, detail: report?.detail ?? '' };
    await holder.transition('boot.retrying', { failing: more }, { detail });
  }
}

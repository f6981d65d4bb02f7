import { closeBoot, notReached, openBoot, runGates, standardGates } from './boot/index.ts';
import type { Gate, GateReport, Phase, Verdict } from './boot/index.ts';
import { fault, messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { addHold, holdAdded, readControl, wasCleared } from './state/index.ts';
import { epochEvidence, epochGate, holdForEpoch, lookAtEpoch } from './store-life.ts';
import { draft } from './chain/index.ts';
import type { Migration } from './store/index.ts';

/** A boot as it goes on: what /readyz and the page show from the first moment. */
export class BootProgress {
  readonly #now: () => number;
  readonly #startedAt: string;
  readonly #from: number;
  #phaseFrom: number;
  readonly #phases: Phase[] = [];
  readonly #gates = new Map<string, GateReport>();
  #bootId: number | null = null;
  #outcome: shape.BootReport['outcome'] = 'running';
  #elapsedMs: number | undefined;

  constructor(clock: Ground['clock']) {
    this.#now = () => clock.monotonic();
    this.#startedAt = new Date(clock.now()).toISOString();
    this.#from = clock.monotonic();
    this.#phaseFrom = this.#from;
  }

  get elapsedMs(): number {
    return round(this.#elapsedMs ?? this.#now() - this.#from);
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  /** Closes the phase that began when the last one ended. */
  phase(phase: string): void {
    this.#phases.push({ phase, ms: round(this.#now() - this.#phaseFrom) });
    this.#phaseFrom = this.#now();
  }

  opened(bootId: number, gates: readonly Gate[]): void {
    this.#bootId = bootId;
    for (const gate of gates) this.#gates.set(gate.gateId, notReached(gate));
  }

  gate(report: GateReport): void {
    this.#gates.set(report.gateId, report);
  }

  ended(outcome: shape.BootReport['outcome']): void {
    this.#elapsedMs = this.elapsedMs;
    this.#outcome = outcome;
  }

  report(): shape.BootReport {
    return {
      bootId: this.#bootId,
      outcome: this.#outcome,
      startedAt: this.#startedAt,
      elapsedMs: this.elapsedMs,
      gates: this.gates(),
      phases: [...this.#phases],
    };
  }

  gates(): GateReport[] {
    return [...this.#gates.values()];
  }
}

export interface BootSequence {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly migrations: readonly Migration[];
  readonly progress: BootProgress;
  readonly signal: AbortSignal;
}

/** The gates of a house, for a boot and for `kora boot --check-only`. */
export function gatesOf(
  { ground, rooms, migrations }: Omit<BootSequence, 'progress' | 'signal'>,
  checkOnly: boolean,
): Gate[] {
  return standardGates({
    database: rooms.database,
    chain: rooms.chain,
    workspaceId: rooms.workspace.workspaceId,
    home: ground.home.directory,
    configFile: ground.configuration.file,
    build: ground.build,
    migrations,
    epoch: () => epochEvidence(ground.home.directory, rooms),
    checkpointed: async () => (await rooms.checkpoints.latest())?.size ?? 0,
    checkOnly,
  });
}

/** Opens the boot's row; from here on this boot is part of the history, however it ends. */
export async function beginBoot(sequence: BootSequence): Promise<number> {
  const { ground, rooms, progress } = sequence;
  const { workspaceId } = rooms.workspace;
  const boot = { runtimeId: ground.home.runtimeId, version: ground.build };
  const bootId = await openBoot(rooms.database, workspaceId, boot);
  progress.opened(bootId, gatesOf(sequence, false));
  return bootId;
}

/** Runs the gates; a pausing no becomes a hold. Throws KORA_BOOT_FAILED or KORA_BOOT_EXHAUSTED naming the gate. */
export async function passGates(sequence: BootSequence): Promise<void> {
  const { ground, rooms, progress, signal } = sequence;
  const { holder } = rooms;
  const verdict = await runGates(gatesOf(sequence, false), {
    clock: ground.clock,
    signal,
    onReport: (report) => progress.gate(report),
    onRetry: ({ gateId, detail }) => {
      ground.progress(`gate ${gateId}: ${detail}; trying again`);
      const change = holder.transition('boot.retrying', {}, { detail: { gate_id: gateId, detail } });
      change.catch((error: unknown) => ground.onError('state', error));
    },
  });
  // A boot that was called off did not fail: no gate said no.
  signal.throwIfAborted();
  await takeHolds(ground, rooms, verdict);
  if (verdict.outcome !== 'failed') return;
  const { gateId, detail, gateClass, fix } = verdict.gate;
  await holder.transition('boot.failed', { boot: 'failed' }, { detail: { gate_id: gateId, detail } });
  const code = gateClass === 'transient' ? 'KORA_BOOT_EXHAUSTED' : 'KORA_BOOT_FAILED';
  throw fault(code, `gate ${gateId}: ${detail}`, {
    ...(fix === undefined ? {} : { fix }),
    details: { gate: gateId },
  });
}

/** The holds of the workspace, and those that the gates ask for, are in force from the first moment. */
async function takeHolds(ground: Ground, rooms: Rooms, verdict: Verdict): Promise<void> {
  const { database, workspace, chain, holder } = rooms;
  const { workspaceId } = workspace;
  for (const { gateId, detail, holdOwner } of verdict.outcome === 'paused' ? verdict.gates : []) {
    if (gateId === epochGate) {
      await holdForEpoch(rooms, await lookAtEpoch(ground.home.directory, rooms));
      continue;
    }
    await database.transaction(async (tx) => {
      const wish = { cause: 'chain', owner: holdOwner ?? `gate:${gateId}`, reason: detail } as const;
      // A finding that people resumed from is accepted; a gate that says no without one asks again.
      if (holdOwner !== undefined && (await wasCleared(tx, workspaceId, wish))) return;
      const hold = await addHold(tx, workspaceId, wish);
      if (hold === undefined) return;
      const payload = {
        hold_id: hold.holdId,
        hold_cause: hold.cause,
        owner: hold.owner,
        reason: hold.reason,
      };
      await chain.stage(tx, [draft(holdAdded, payload)]);
    });
  }
  await holder.observe(await readControl(database, workspaceId));
}

/** The boot is over: the state says so, and the row keeps how it went. */
export async function endBoot(sequence: BootSequence, bootId: number): Promise<void> {
  const { ground, rooms, progress } = sequence;
  const detail = { boot_id: bootId, elapsed_ms: progress.elapsedMs };
  await rooms.holder.transition('boot.passed', { boot: 'passed' }, { detail });
  const outcome = rooms.holder.state.primaryState === 'paused' ? 'paused' : 'passed';
  progress.ended(outcome);
  await keep(sequence, bootId, outcome).catch((error: unknown) => ground.onError('boot history', error));
}

/** The boot did not come through; what could be kept of it is kept. */
export async function failBoot(sequence: BootSequence, bootId: number, error: unknown): Promise<void> {
  sequence.progress.ended('failed');
  sequence.ground.log.error(`boot failed: ${messageOf(error)}`);
  await keep(sequence, bootId, 'failed').catch((cause: unknown) =>
    sequence.ground.onError('boot history', cause),
  );
}

function keep(
  { rooms, progress }: BootSequence,
  bootId: number,
  outcome: 'passed' | 'paused' | 'failed',
): Promise<void> {
  const { elapsedMs, phases } = progress;
  return closeBoot(rooms.database, rooms.workspace.workspaceId, {
    bootId,
    outcome,
    elapsedMs,
    gates: progress.gates(),
    phases,
  });
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** After the operator accepted the store: the gates again, once. A pausing no is a hold again; any other is logged. */
export async function passGatesAgain(sequence: BootSequence): Promise<void> {
  const { ground, rooms, signal } = sequence;
  const onReport = (): void => undefined;
  const options = { clock: ground.clock, signal, onReport, onRetry: onReport, once: true };
  const verdict = await runGates(gatesOf(sequence, true), options);
  if (verdict.outcome === 'failed') {
    ground.log.error(`gate ${verdict.gate.gateId} says no: ${verdict.gate.detail}`);
    return;
  }
  await takeHolds(ground, rooms, verdict);
}

import { credentialRule } from './boot/index.ts';
import { outcomeOfError } from './boot-progress.ts';
import type { BootProgress } from './boot-progress.ts';
import { closeRecord, noteBoot, noteEnd, openRecord } from './boot-record.ts';
import { exitCodes, fault, KoraError, messageOf } from './fault/index.ts';
import type { ExitCode } from './fault/index.ts';
import { GateRuns } from './gate-runs.ts';
import { openGroundStore } from './ground.ts';
import type { Ground } from './ground.ts';
import { buildRooms } from './rooms.ts';
import type { Rooms } from './rooms.ts';
import type { StopReach } from './stop-reach.ts';
import { waitForStore } from './store-patience.ts';
import { isStoreAway } from './store/index.ts';
import type { Database, Migration } from './store/index.ts';

export interface BootSequence {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly migrations: readonly Migration[];
  readonly progress: BootProgress;
  readonly signal: AbortSignal;
  /** Ends the runtime: gates that run again may say no. */
  readonly end: (reason: string, exitCode: ExitCode) => Promise<void>;
}

const runs = new WeakMap<BootSequence, GateRuns>();

function runsOf(sequence: BootSequence): GateRuns {
  const known = runs.get(sequence) ?? new GateRuns(sequence);
  runs.set(sequence, known);
  return known;
}

/** The store of this boot. While it is away the gate that needs it says so; a refusal is kept in the home. */
export async function openBootStore(
  ground: Ground,
  progress: BootProgress,
  signal: AbortSignal,
): Promise<{ readonly database: Database; readonly migrations: readonly Migration[] }> {
  await noteBoot(ground, progress);
  try {
    refuseContradiction(ground);
    const opened = await openGroundStore(ground, signal, (error) => {
      const away = { outcome: 'unavailable', detail: messageOf(error), degradation: 'substrate' } as const;
      progress.early(schemaGate, away);
    });
    progress.storeAnswers();
    return opened;
  } catch (error) {
    const refused = refuseEarly(progress, error, signal.aborted);
    await noteEnd(ground, progress);
    throw refused;
  }
}

/** What kept the gates from being asked, as the no of the gate that it belongs to. Answers the error that names it. */
export function refuseEarly(progress: BootProgress, error: unknown, wasCalledOff: boolean): unknown {
  const refused = atGate(error, wasCalledOff);
  const gate = refused instanceof KoraError ? refused.details['gate'] : undefined;
  if (typeof gate === 'string') {
    const { fix, code } = refused instanceof KoraError ? refused : {};
    const why = { ...(fix === undefined ? {} : { fix }), ...(code === undefined ? {} : { code }) };
    const outcome = isStoreAway(error) ? 'unavailable' : 'fail';
    progress.early(gate, { outcome, detail: messageOf(error), ...why });
  }
  progress.ended(outcomeOfError(refused, wasCalledOff, false));
  return refused;
}

const schemaGate = '3_schema_version';

/** A store is not opened with one of two credentials that contradict each other: nobody knows which is meant. */
export function refuseContradiction({ configuration }: Ground): void {
  const answer = credentialRule(configuration.credentials);
  if (answer.outcome !== 'fail') return;
  throw fault('KORA_BOOT_FAILED', `gate ${credentialGate}: ${answer.detail}`, {
    ...(answer.fix === undefined ? {} : { fix: answer.fix }),
    details: { gate: credentialGate },
  });
}

const credentialGate = '2_credential_rule';
const gateByCode: Readonly<Record<string, string>> = {
  KORA_SCHEMA_NEWER: schemaGate,
  KORA_MIGRATION_CHANGED: schemaGate,
  KORA_MIGRATION_FAILED: schemaGate,
  KORA_STORE_REFUSED: schemaGate,
  KORA_STORE_EMBEDDED: schemaGate,
  KORA_STORE_UNREACHABLE: schemaGate,
  KORA_STORE_FULL: schemaGate,
  KORA_STORE_STRANGE: '3b_epoch',
  KORA_STORE_UNFINISHED: '3b_epoch',
};

/** The same error, saying which gate it is the no of. */
function atGate(error: unknown, wasCalledOff: boolean): unknown {
  if (!(error instanceof KoraError) || wasCalledOff || error.details['gate'] !== undefined) return error;
  const gate = gateByCode[error.code];
  if (gate === undefined) return error;
  return new KoraError(error.code, error.message, {
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    details: { ...error.details, gate },
    cause: error.cause ?? error,
  });
}

/** The rooms of this boot, built anew when the store went away under them; any other refusal is kept in the home. */
export async function openRooms(
  ground: Ground,
  { database, reach, progress, signal }: Pick<BootSequence, 'progress' | 'signal'> & RoomsFrom,
): Promise<Rooms> {
  const build = async (): Promise<Rooms> => {
    const scope = ground.scope.child('rooms');
    try {
      return await buildRooms({ ...ground, scope }, database, reach);
    } catch (error) {
      await scope.dispose().catch((failure: unknown) => ground.onError('rooms', failure));
      throw error;
    }
  };
  try {
    return await waitForStore({ ground, progress, signal }, build);
  } catch (error) {
    const refused = refuseEarly(progress, error, signal.aborted);
    await noteEnd(ground, progress);
    throw refused;
  }
}

interface RoomsFrom {
  readonly database: Database;
  readonly reach: StopReach;
}

/** Opens the boot's row; from here on this boot is part of the history, however it ends. A store that is away is waited for. */
export async function beginBoot(sequence: BootSequence): Promise<number> {
  const bootId = await waitForStore(sequence, () => openRecord(sequence));
  sequence.progress.opened(bootId);
  return bootId;
}

/** Runs the gates; a pausing no becomes a hold. Throws KORA_BOOT_FAILED, KORA_BOOT_EXHAUSTED or KORA_SCHEMA_NEWER. */
export async function passGates(sequence: BootSequence): Promise<void> {
  const gates = runsOf(sequence);
  sequence.rooms.holder.listen('gates', () => gates.note());
  await gates.pass();
}

/** The boot is over, once its gates have nothing left to judge: the state says so, the row keeps how it went, and from now on the gates follow what is cleared. */
export async function endBoot(sequence: BootSequence, bootId: number): Promise<void> {
  const { ground, rooms, progress } = sequence;
  const { holder } = rooms;
  await runsOf(sequence).finish(() => {
    const detail = { boot_id: bootId, elapsed_ms: progress.elapsedMs };
    const told = holder.transition('boot.passed', { boot: 'passed' }, { detail });
    return told.catch((error: unknown) => ground.onError('state', error));
  });
  const said = progress.gates().find(({ outcome }) => outcome === 'fail');
  const outcome = holder.state.primaryState === 'paused' ? 'paused' : 'passed';
  progress.ended({
    outcome,
    failedGate: said?.gateId ?? null,
    detail: said?.detail ?? null,
    exitCode: exitCodes.ok,
  });
  await closeRecord(sequence, bootId, true);
  watchGates(sequence);
}

/** The boot did not come through; what could be kept of it is kept. */
export async function failBoot(sequence: BootSequence, bootId: number, error: unknown): Promise<void> {
  const { progress, ground, signal } = sequence;
  progress.ended(outcomeOfError(error, signal.aborted, true));
  if (!signal.aborted) ground.log.error(`boot failed: ${messageOf(error)}`);
  await closeRecord(sequence, bootId, false);
}

/** The gates run by themselves after a hold that they judge was cleared; resolves when they have, if they do. */
export function gatesSettled(sequence: BootSequence): Promise<void> {
  return runsOf(sequence).settled();
}

const lookMs = 1_000;
const refreshMs = 60_000;
/** Services are not asked as often as what the runtime could not find out. */
const tokensEvery = 5;

/** Follows the holds, however they were cleared, and asks again what could not be answered at the boot. */
function watchGates(sequence: BootSequence): void {
  const { clock, scope, onError } = sequence.ground;
  const gates = runsOf(sequence);
  const watch = async (signal: AbortSignal): Promise<void> => {
    let since = clock.monotonic();
    let rounds = 0;
    while (await clock.sleep(lookMs, signal)) {
      gates.note();
      if (clock.monotonic() - since < refreshMs) continue;
      since = clock.monotonic();
      rounds += 1;
      await gates.refresh(rounds % tokensEvery === 0).catch((error: unknown) => onError('gates', error));
    }
  };
  scope.run('gate watch', watch, (error) => onError('gates', error));
}

import { countRefusals } from './admission/index.ts';
import type { AdmissionState } from './admission/index.ts';
import { forgetSecrets } from './config/index.ts';
import { Controller, Kill, killBySentinel, startKeeper } from './control/index.ts';
import type { EmergencyTold, Keeper } from './control/index.ts';
import { exitCodes } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { dropToken } from './home/index.ts';
import type { HttpServer } from './http/index.ts';
import type { Life } from './life.ts';
import type { NewMessage } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { derive } from './state/index.ts';
import type { OperationalStateHolder } from './state/index.ts';
import { countHeld, countReleased } from './ticket/index.ts';

/** What a stop reaches of this process: the keeper from its first moment on, and more as the house is built. */
export interface StopReach {
  readonly keeper: Keeper;
  readonly kill: Kill;
  /** Milliseconds since this runtime began to start. */
  readonly runsForMs: () => number;
  server: Pick<HttpServer, 'revoke'> | undefined;
  rooms: Pick<Rooms, 'holder' | 'scheduler' | 'worker' | 'workers'> | undefined;
}

/** Starts the keeper and arms the kill, before there is a store: a stop in the home needs none. */
export async function openStopReach(ground: Ground, life: Life): Promise<StopReach> {
  const { home, clock, scope, configuration, onError } = ground;
  const began = clock.monotonic();
  const keeper = await startKeeper({
    home: home.directory,
    startedAt: Date.now(),
    onError: (error) => onError('keeper', error),
  });
  scope.add('keeper', async () => {
    await keeper[Symbol.asyncDispose]();
  });
  const kill = new Kill({
    exitBy: (deadlineMs, level) => keeper.exitBy(deadlineMs, level),
    stopped: async ({ level }) => {
      const { holder } = reach.rooms ?? {};
      const stopLevel = Math.max(level, holder?.inputs.stopLevel ?? 0);
      await holder?.transition('stop.kill', { killed: true, stopLevel }, { detail: { level } });
    },
    abort: (reason) => (reach.rooms === undefined ? Promise.resolve(0) : abortWork(reach.rooms, reason)),
    dropCredentials: async () => {
      reach.server?.revoke();
      forgetSecrets(configuration);
      await dropToken(home);
    },
    end: (reason) => life.end(reason, exitCodes.stopped),
    onError,
  });
  const reach: StopReach = {
    keeper,
    kill,
    runsForMs: () => clock.monotonic() - began,
    server: undefined,
    rooms: undefined,
  };
  const listening = killBySentinel(keeper, kill);
  scope.add('sentinel', () => listening[Symbol.dispose]());
  return reach;
}

/** The loop over what the store and the home say about stopping. */
export function controllerOf(
  { clock, home, onError }: Ground,
  { keeper, kill, runsForMs }: StopReach,
  rooms: Pick<
    Rooms,
    'database' | 'workspace' | 'chain' | 'holder' | 'scheduler' | 'worker' | 'workers' | 'apply'
  >,
): Controller {
  const { database, workspace, chain, holder, worker, apply } = rooms;
  return new Controller({
    database,
    clock,
    workspaceId: workspace.workspaceId,
    runtimeId: home.runtimeId,
    home: home.directory,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    holder,
    keeper,
    kill,
    runsForMs,
    sealStaleForMs: () => chain.staleForMs,
    counts: {
      claimsReleased: countReleased,
      claimsHeld: countHeld,
      callsRefused: (db, of) => countRefusals(db, { ...of, doors: calls }),
    },
    abort: (reason) => abortWork(rooms, reason),
    note: (tx, told) => apply(tx, { messages: [emergencyMessage(told)] }),
    freed: () => worker.kick(),
    onError,
  });
}

function emergencyMessage({ first, last, times }: EmergencyTold): NewMessage {
  const until = times === 1 ? '' : `, and ${times - 1} more times until ${last.at}: ${last.detail}`;
  return {
    key: `emergency:${first.id}`,
    thread: `emergency:${first.what}`,
    severity: 'critical',
    title: `Kora told an emergency: ${first.what}`,
    body: `At ${first.at}: ${first.detail}${until}`,
    source: 'keeper',
  };
}

/** Ends what runs: tasks that act, and tickets in hand, whose leases are given back; answers how many of those. */
async function abortWork(
  { scheduler, worker, workers }: Pick<Rooms, 'scheduler' | 'worker' | 'workers'>,
  reason: string,
): Promise<number> {
  scheduler.abort(reason);
  const [here, elsewhere] = await Promise.all([worker.abort(reason), workers.abort(reason)]);
  return here + elsewhere;
}

/** A claim that is not made, or a task that is skipped, is no call refused. */
const calls = ['model_call', 'tool_call', 'autofix', 'outbound_message'] as const;

/**
 * The state with what the keeper's thread saw first: a main thread that stood still while a stop was laid into the home
 * must not let through one thing more.
 */
export function stateNow(
  holder: OperationalStateHolder,
  keeper: Pick<Keeper, 'level' | 'kills'>,
): AdmissionState {
  const { inputs, state } = holder;
  const level = keeper.level();
  const isKilled = keeper.kills();
  if (level <= inputs.stopLevel && (inputs.killed || !isKilled)) return { inputs, derived: state };
  const merged = {
    ...inputs,
    stopLevel: Math.max(level, inputs.stopLevel),
    killed: inputs.killed || isKilled,
  };
  return { inputs: merged, derived: derive(merged) };
}

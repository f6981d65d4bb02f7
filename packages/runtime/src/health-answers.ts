import type { TokenLook } from './boot/index.ts';
import { withDeadline } from './clock/index.ts';
import { downStates } from './daemon/index.ts';
import { KoraError } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { HealthTeller, rollup } from './health/index.ts';
import type { Readings, Rollup, TokenReading } from './health/index.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import { usdOf } from './spend/index.ts';
import { isStoreAway } from './store/index.ts';
import { readWorkSigns } from './ticket/index.ts';

/** A store that has not answered by then counts as one that does not. */
const storeDeadlineMs = 3_000;

/** How the runtime is, for the API; answered also while the store is away. */
export function healthAnswers(ground: Ground, rooms: Rooms): Pick<House, 'healthRollup'> {
  return {
    healthRollup: async () => {
      const { subsignals, canWork, mayWork, isWorking, ...now } = await lookAtHealth(ground, rooms);
      const words = <T extends { readonly because: readonly string[] }>(answer: T) => ({
        ...answer,
        because: [...answer.because],
      });
      return {
        ...now,
        canWork: words(canWork),
        mayWork: words(mayWork),
        isWorking: words(isWorking),
        subsignals: { ...subsignals },
        probeCadenceSeconds: ground.configuration.config.health.cadenceSeconds,
      };
    },
  };
}

/** Says `kora.health.probe` on its cadence, and at each change. */
export async function addHealthProbe(ground: Ground, rooms: Rooms, scope: Scope): Promise<void> {
  const { clock, configuration } = ground;
  const { cadenceSeconds } = configuration.config.health;
  // Services are asked once in a cadence, however often the rest is looked at; gate 6 asked them first.
  let asked = clock.now();
  const teller = new HealthTeller({
    clock,
    cadenceSeconds,
    look: () => lookAtHealth(ground, rooms),
    record: (drafts) => rooms.chain.append(drafts),
  });
  const task = {
    name: 'kora.health',
    cadence: { everyMs: teller.lookEveryMs },
    purpose: 'observe',
    scope: 'runtime',
    run: async ({ signal }: { readonly signal: AbortSignal }) => {
      if (clock.now() - asked >= cadenceSeconds * 1_000) {
        asked = clock.now();
        await rooms.tokens.check(signal);
      }
      return teller.tell();
    },
  } as const;
  scope.add('health task', await rooms.scheduler.add(task, { pluginName: 'kora', daemon: null }));
}

/** Reads everything now, and judges it. */
export async function lookAtHealth(ground: Ground, rooms: Rooms): Promise<Rollup> {
  const stored = await readStored(ground, rooms);
  return rollup({ ...ownReadings(ground, rooms), ...stored });
}

type Stored = Pick<
  Readings,
  'storeAnswers' | 'unsealed' | 'sinceWriteMs' | 'work' | 'lateTasks' | 'probes' | 'spend'
>;

/** What the store has to be asked for: all of it within one deadline, or nothing is known. */
async function readStored(ground: Ground, rooms: Rooms): Promise<Stored> {
  const { clock, scope } = ground;
  const deadline = { ms: storeDeadlineMs, what: 'the store', signal: scope.signal };
  try {
    return await withDeadline(clock, deadline, () => askStore(ground, rooms));
  } catch (error) {
    if (!isStoreAway(error) && !isTimeout(error)) ground.onError('health', error);
    const nothing = { unsealed: null, sinceWriteMs: null, work: null, lateTasks: null, probes: null };
    return { storeAnswers: false, ...nothing, spend: null };
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_TIMEOUT';
}

async function askStore({ clock, home }: Ground, rooms: Rooms): Promise<Stored> {
  const { chain, database, workspace, worker, probes, holder } = rooms;
  const { workspaceId } = workspace;
  const at = clock.now();
  const of = { workspaceId, runtimeId: home.runtimeId, kinds: worker.kinds };
  const [unsealed, sinceWriteMs, signs, late, looks, spent] = await Promise.all([
    chain.unsealed(),
    chain.sinceLastWrite(),
    readWorkSigns(database, of),
    rooms.overdue.late(),
    probes.list(),
    rooms.spend.read(),
  ]);
  // Work that waited through a pause has been takeable only since.
  const takeableMs = Math.max(0, at - Date.parse(holder.since));
  return {
    storeAnswers: true,
    unsealed,
    sinceWriteMs,
    work:
      signs === undefined
        ? null
        : {
            ...signs,
            oldestWaitingMs:
              signs.oldestWaitingMs === null ? null : Math.min(signs.oldestWaitingMs, takeableMs),
          },
    lateTasks: late.map(({ name }) => name),
    probes: looks.map(({ name, everyMs, checkedAt }) => ({
      name,
      everyMs,
      sinceLookMs: checkedAt === null ? null : Math.max(0, at - Date.parse(checkedAt)),
    })),
    spend:
      spent === undefined
        ? null
        : {
            rung: spent.rung,
            spentUsd: usdOf(spent.spentMicroUsd),
            poolUsd: usdOf(spent.poolMicroUsd),
          },
  };
}

function ownReadings({ configuration, clock }: Ground, rooms: Rooms): Omit<Readings, keyof Stored> {
  const { holder, chain, coordinator, verifier, keeper } = rooms;
  const { latest } = rooms.tokens;
  const { stoppedBy, inputs, state } = holder;
  const { verifiedThrough, damage } = verifier.status();
  const daemons = coordinator.list();
  return {
    state: {
      ...state,
      holds: inputs.holds,
      stopLevel: inputs.stopLevel,
      stopCause: stoppedBy === undefined ? null : causeOf(stoppedBy),
    },
    sealStaleMs: chain.staleForMs ?? null,
    chain: {
      verifiedThrough,
      damage: damage === null ? null : `event #${damage.firstBadSeq} is ${damage.problem}`,
    },
    spool: chain.spooled,
    daemons: {
      running: daemons.filter(({ state: now }) => now === 'running').length,
      failed: daemons.filter(({ state: now }) => downStates.has(now)).map(({ name }) => name),
    },
    deafChannels: rooms.inbound
      .standing()
      .flatMap(({ channel, state: now }) => (now === 'down' ? [channel] : [])),
    keeper: { silentForMs: keeper.silentForMs() },
    tokens: latest === null ? null : latest.map((look) => tokenReading(look, clock.now())),
    cadenceMs: configuration.config.health.cadenceSeconds * 1_000,
  };
}

function tokenReading({ name, state, expiresAt }: TokenLook, now: number): TokenReading {
  return { name, state, endsInMs: expiresAt === null ? null : Date.parse(expiresAt) - now };
}

function causeOf({ cause, trigger, note }: { cause: string; trigger: string; note: string | null }): string {
  return note === null ? `${cause}: ${trigger}` : `${cause}: ${trigger} (${note})`;
}

import { onTestFinished } from 'vitest';
import { scene } from '../../admission/testing/scene.ts';
import { Capabilities, capabilityEvents } from '../../capability/index.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Clock } from '../../clock/index.ts';
import { acceptMessage, listMessages, messageEvents } from '../../message/index.ts';
import type { NewMessage } from '../../message/contract.ts';
import { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import type { FixAttempt, FixEnvelope } from '../contract.ts';
import { fixEvents, Fixes, listAttempts } from '../index.ts';
import type { FixWish, Rehearsal } from '../index.ts';
import { restart, stateOf } from './world.ts';
import type { World } from './world.ts';

export interface FixBench {
  readonly database: Database;
  readonly clock: FakeClock;
  readonly capabilities: Capabilities;
  readonly world: World;
  readonly fixes: Fixes;
  readonly errors: unknown[];
  /** Lines in the story of the incident. */
  readonly notes: string[];
  /** What the state at the door is. */
  readonly move: ReturnType<typeof scene>['move'];
  /** Registers the restart of a unit, with what a test changes of it. */
  envelope(over?: Partial<FixEnvelope>): () => void;
  /** Tries, and lets time pass until it ended or waits. */
  attempt(over?: Partial<FixWish>): Promise<FixAttempt>;
  rehearse(over?: Partial<FixWish>): Promise<Rehearsal>;
  /** Lets time pass until the work is done. */
  driven<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until the attempt has come to its end. */
  ended(attemptId: number): Promise<FixAttempt>;
  attempts(): Promise<FixAttempt[]>;
  /** Payloads of what was told of attempts, in order. */
  told(): Promise<Record<string, unknown>[]>;
  messages(): Promise<{ readonly title: string; readonly thread: string; readonly body: string }[]>;
  /** Moves what an attempt began or was asked at into the past. */
  older(minutes: number): Promise<void>;
  /** The same runtime, begun again: nothing is in its memory. */
  again(): Promise<Fixes>;
  /** Another runtime of the workspace that looks at the same things. */
  rival(): Promise<Fixes>;
}

const forever = 1_000_000_000;
let workspaces = 0;

export async function fixBench(given?: Database): Promise<FixBench> {
  const database = given ?? (await testDatabase()).database;
  const ids = systemClock();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `fix-${workspaces++}`));
  const runtimeId = ids.uuid();
  const scope = new Scope('bench');
  onTestFinished(() => scope.dispose());
  const chain = new Chain({
    database,
    owner: { workspaceId, runtimeId, sessionId: ids.uuid(), actorId: 'kora' },
    vocabulary: new Vocabulary(),
    clock: ids,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', [...fixEvents, ...capabilityEvents, ...messageEvents]);
  const stage = (tx: Transaction, drafts: readonly EventDraft[]): Promise<void> => chain.stage(tx, drafts);
  const tell = async (tx: Transaction, message: NewMessage): Promise<void> =>
    void (await acceptMessage(tx, { workspaceId, stage }, message));
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const notes: string[] = [];
  const onError = (_where: string, error: unknown): void => void errors.push(error);
  const record = (drafts: readonly EventDraft[]): Promise<void> =>
    database.transaction((tx) => stage(tx, drafts));
  const capabilities = new Capabilities({ database, workspaceId, clock, stage, record, ask: tell, onError });
  const { admission, move } = scene({ capabilities });
  const world: World = {
    away: 0,
    down: new Set(['a']),
    isConfigured: true,
    helps: true,
    throws: null,
    incident: { incidentId: 7, wakeId: 'wake-7', status: 'open' },
    deeds: [],
    keys: [],
  };
  const options = {
    database,
    workspaceId,
    runtimeId,
    clock: timeOf(clock),
    admission,
    stage,
    tell,
    note: (_tx: Transaction, { text }: { readonly text: string }) => {
      notes.push(text);
      return Promise.resolve();
    },
    probes: {
      state: (probe: string) => Promise.resolve(probe === 'shop' ? stateOf(world) : undefined),
      look: () => Promise.resolve(stateOf(world)),
    },
    incident: () => {
      if (world.away > 0) {
        world.away -= 1;
        throw fault('KORA_STORE_UNREACHABLE', 'the store is away', { details: { outcome: 'not_sent' } });
      }
      if (world.incident === null) throw fault('KORA_INCIDENT_UNKNOWN', 'there is none');
      return Promise.resolve({ ...world.incident });
    },
    riskOf: (capability: string) => capabilities.capability(capability)?.risk,
    granted: (caller: string, capability: string) => capabilities.isGranted(caller, capability),
    decided: async (approvalId: number, signal: AbortSignal) =>
      (await capabilities.wait(approvalId, signal))?.status,
    scrub: (text: string) => text.replaceAll('s3cret', '[secret]'),
    onError,
  };
  const opened = async (of = options.runtimeId): Promise<Fixes> => {
    const fixes = new Fixes({ ...options, runtimeId: of });
    await fixes.open(scope.child('fixes'));
    return fixes;
  };
  const fixes = await opened();
  const driven = async <T>(work: Promise<T>): Promise<T> => {
    const wait = { isOver: false };
    const settled = work.finally(() => {
      wait.isOver = true;
    });
    settled.catch(() => undefined);
    while (!wait.isOver) {
      await clock.advance(250);
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
    }
    return settled;
  };
  const wish = (over: Partial<FixWish>): FixWish => ({
    probe: 'shop',
    fix: 'restart_unit',
    key: ids.uuid(),
    askedBy: 'operator',
    reason: 'it is down',
    ...over,
  });
  const attempts = (): Promise<FixAttempt[]> => listAttempts(database, workspaceId);
  return {
    database,
    clock,
    capabilities,
    world,
    fixes,
    errors,
    notes,
    move,
    envelope: (over = {}) => fixes.register({ ...restart(world), ...over }, 'probes'),
    attempt: (over = {}) => driven(fixes.attempt(wish(over), forever)),
    rehearse: (over = {}) => driven(fixes.rehearse(wish(over), new AbortController().signal)),
    driven,
    ended: (attemptId) =>
      driven(
        (async () => {
          for (;;) {
            const found = (await attempts()).find((each) => each.attemptId === attemptId);
            if (found?.status === 'ended') return found;
          }
        })(),
      ),
    attempts,
    told: async () => {
      const rows = await database.query<{ body: string }>(
        `select body from kora.stage where workspace_id = $1 and type = 'tool.probe_autofix_attempted' order by number`,
        [workspaceId],
      );
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
    messages: () => listMessages(database, workspaceId, {}),
    older: (minutes) =>
      database.transaction(async (tx) => {
        await tx.query('alter table kora.fix_attempt disable trigger guard');
        await tx.query(
          `update kora.fix_attempt set began_at = began_at - make_interval(mins => $2),
             asked_at = asked_at - make_interval(mins => $2) where workspace_id = $1`,
          [workspaceId, minutes],
        );
        await tx.query('alter table kora.fix_attempt enable trigger guard');
      }),
    again: () => opened(),
    rival: () => opened(ids.uuid()),
  };
}

/** Time stands still until a test lets it pass; ids are the real ones, since the store keeps them apart. */
function timeOf(clock: FakeClock): Clock {
  const ids = systemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    random: () => clock.random(),
    uuid: () => ids.uuid(),
  };
}

/** Who grants, and why. */
export const operator = { by: 'operator', reason: 'because' };

/** A bench whose plugin may restart by itself. */
export async function grantedBench(
  database: Database,
  over: Parameters<FixBench['envelope']>[0] = {},
): Promise<FixBench> {
  const bench = await fixBench(database);
  bench.envelope(over);
  await bench.capabilities.grant('cap_autofix', { kind: 'plugin', subject: 'probes', ...operator });
  return bench;
}

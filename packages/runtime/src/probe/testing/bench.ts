import { scene } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { acceptMessage, listMessages, messageEvents } from '../../message/index.ts';
import type { MessageView } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { keepTold, listIncidents, probeEvents, Probes, readTimeline } from '../index.ts';
import type { IncidentEntry, IncidentRecord, ProbeSnapshot, ProbeSpec, ProbeStatus } from '../index.ts';
import type { PeriodicTaskSpec } from '../contract.ts';

/** Probes on a real store; the test looks by hand instead of a schedule. */
export interface ProbeBench {
  readonly database: Database;
  readonly clock: FakeClock;
  readonly probes: Probes;
  readonly tasks: PeriodicTaskSpec[];
  /** What the state at the door is. */
  readonly move: ReturnType<typeof scene>['move'];
  /** Adds a probe that sees what `see` was told last. */
  probe(spec?: Partial<ProbeSpec>): Promise<() => Promise<void>>;
  /** Looks once for each status, ten seconds apart. */
  see(...statuses: readonly ProbeStatus[]): Promise<void>;
  /** The same at a probe by its name, which goes on seeing the last of them. */
  look(name: string, ...statuses: readonly ProbeStatus[]): Promise<void>;
  /** What a probe sees from now on, whoever looks. */
  set(name: string, status: ProbeStatus): void;
  timeline(incidentId: number): Promise<IncidentEntry[]>;
  messages(): Promise<MessageView[]>;
  incidents(): Promise<IncidentRecord[]>;
  staged(): Promise<string[]>;
}

/** Beside another bench: a second runtime on its store. */
export async function probeBench(beside?: Pick<ProbeBench, 'database'>): Promise<ProbeBench> {
  const { database } = beside ?? (await testDatabase());
  const ids = systemClock();
  const runtimeId = ids.uuid();
  const owner = { workspaceId: 1, runtimeId, sessionId: ids.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  const chain = new Chain({
    database,
    owner,
    vocabulary: new Vocabulary(),
    clock: ids,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', [...probeEvents, ...messageEvents]);
  const stage = chain.stage.bind(chain);
  const clock = new FakeClock();
  // Beside another runtime its ids must be others.
  if (beside !== undefined) for (let n = 0; n < 10_000; n += 1) clock.uuid();
  const tasks: PeriodicTaskSpec[] = [];
  const { admission, move } = scene();
  let seen: ProbeSnapshot = { status: 'healthy', details: {} };
  const named = new Map<string, ProbeSnapshot>();
  const probes = new Probes({
    database,
    workspaceId: 1,
    runtimeId,
    clock,
    admission,
    stage,
    tell: async (tx, message) => {
      if (await acceptMessage(tx, { workspaceId: 1, stage }, message)) await keepTold(tx, 1, message);
    },
    schedule: (task) => {
      tasks.push(task);
      return Promise.resolve(() => Promise.resolve());
    },
    recentChanges: () => Promise.resolve(['00:00 deployed']),
  });
  return {
    database,
    clock,
    probes,
    tasks,
    move,
    probe: (spec = {}) =>
      probes.register(
        {
          name: 'shop',
          kind: 'http',
          target: 'https://shop.example',
          everyMs: 10_000,
          check: () => Promise.resolve(named.get(spec.name ?? 'shop') ?? seen),
          ...spec,
        },
        'p',
      ),
    see: async (...statuses) => {
      for (const status of statuses) {
        seen = snapshotOf(status);
        await probes.runNow('shop');
        clock.jump(10_000);
      }
    },
    look: async (name, ...statuses) => {
      for (const status of statuses) {
        named.set(name, snapshotOf(status));
        await probes.runNow(name);
        clock.jump(10_000);
      }
    },
    set: (name, status) => void named.set(name, snapshotOf(status)),
    timeline: (incidentId) => readTimeline(database, 1, incidentId),
    messages: () => listMessages(database, 1, {}),
    incidents: () => listIncidents(database, 1, {}),
    staged: async () => {
      const rows = await database.query<{ type: string }>('select type from kora.stage order by number');
      return rows.map(({ type }) => type).filter((type) => type.startsWith('probe.'));
    },
  };
}

function snapshotOf(status: ProbeStatus): ProbeSnapshot {
  return status === 'healthy'
    ? { status, details: {} }
    : { status, details: { code: 500 }, error: 'HTTP 500' };
}

import { scene } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { acceptMessage, listMessages, messageEvents } from '../../message/index.ts';
import type { MessageView } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { listIncidents, probeEvents, Probes } from '../index.ts';
import type { IncidentRecord, ProbeSnapshot, ProbeSpec, ProbeStatus } from '../index.ts';
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
  messages(): Promise<MessageView[]>;
  incidents(): Promise<IncidentRecord[]>;
  staged(): Promise<string[]>;
}

export async function probeBench(): Promise<ProbeBench> {
  const { database } = await testDatabase();
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
  const tasks: PeriodicTaskSpec[] = [];
  const { admission, move } = scene();
  let seen: ProbeSnapshot = { status: 'healthy', details: {} };
  const probes = new Probes({
    database,
    workspaceId: 1,
    runtimeId,
    clock,
    admission,
    stage,
    tell: async (tx, message) => {
      await acceptMessage(tx, { workspaceId: 1, stage }, message);
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
          check: () => Promise.resolve(seen),
          ...spec,
        },
        'p',
      ),
    see: async (...statuses) => {
      for (const status of statuses) {
        seen =
          status === 'healthy'
            ? { status, details: {} }
            : { status, details: { code: 500 }, error: 'HTTP 500' };
        await probes.runNow('shop');
        clock.jump(10_000);
      }
    },
    messages: () => listMessages(database, 1, {}),
    incidents: () => listIncidents(database, 1, {}),
    staged: async () => {
      const rows = await database.query<{ type: string }>('select type from kora.stage order by number');
      return rows.map(({ type }) => type).filter((type) => type.startsWith('probe.'));
    },
  };
}

import { PluginGates, runGates, ServiceTokens, bootEvents } from './boot/index.ts';
import type { Gate } from './boot/index.ts';
import { BootProgress, outcomeOfVerdict } from './boot-progress.ts';
import { refuseContradiction, refuseEarly } from './boot-sequence.ts';
import { capabilitiesOf } from './capability-answers.ts';
import { Chain, Vocabulary } from './chain/index.ts';
import { loadForCheck } from './check-plugins.ts';
import { checkpointsOf } from './checkpoints.ts';
import { exitCodes, fault, KoraError } from './fault/index.ts';
import { gatesOf } from './gated-house.ts';
import type { GatedHouse } from './gated-house.ts';
import { breakGround, openStoreAt, ownMigrations } from './ground.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import type { KoraOptions } from './options.ts';
import { Scope } from './scope/index.ts';
import { noPaidWork } from './ticket-state.ts';
import { spendOf } from './spend-answers.ts';
import { requireHome } from './stopped-home.ts';
import { refuseStrangeStore } from './store-life.ts';
import { codeOf, missingMigrations } from './store/index.ts';
import type { Database, Migration } from './store/index.ts';
import { koraActor } from './workspace/index.ts';
import type { Workspace } from './workspace/index.ts';

/**
 * How a boot of this home would go, in which no runtime runs: the same gates, once each, and nothing is changed. The
 * schema is not migrated, no row or event stays, no guest is started; gates that need what a boot would make first, or what
 * a guest brings, are not reached, and then the check is incomplete. Throws KORA_HOME_LOCKED while a runtime has the home, and what a wrong configuration throws.
 */
export async function checkBoot(options: Omit<KoraOptions, 'checkOnly'>): Promise<shape.BootReport> {
  await requireHome(options.home);
  await using scope = new Scope('boot check');
  const ground = await breakGround({ ...options, checkOnly: true }, scope);
  const progress = new BootProgress(ground.clock);
  const signal = options.signal ?? scope.signal;
  try {
    refuseContradiction(ground);
    await look(ground, progress, signal);
  } catch (error) {
    const refused = refuseEarly(progress, error, signal.aborted);
    // What no gate stands for is no finding about the home.
    if (!(refused instanceof KoraError) || refused.details['gate'] === undefined) throw error;
  }
  return judged(progress.report());
}

/** Nothing said no; but what could not be judged might, so that nobody may take the check for a yes. */
function judged(report: shape.BootReport): shape.BootReport {
  const isOpen = report.gates.some(({ outcome }) => outcome === 'not_reached');
  if (!isOpen || (report.outcome !== 'passed' && report.outcome !== 'paused')) return report;
  return { ...report, outcome: 'incomplete', exitCode: exitCodes.temporary };
}

async function look(ground: Ground, progress: BootProgress, signal: AbortSignal): Promise<void> {
  const migrations = await ownMigrations();
  const database = await openStoreAt(ground, ground.scope, ground.configuration.databaseUrl);
  await refuseStrangeStore(ground.home.directory, database, ground.options.adopt === true);
  const missing = await missingMigrations(database, { owner: 'runtime', build: ground.build, migrations });
  const workspace = await findWorkspace(database, ground.configuration.config.workspace);
  const house = await houseOf(ground, database, migrations, workspace);
  const guests = await loadForCheck(ground, house.rooms, signal);
  const asked = workspace === undefined ? ['1', '2', '3', '3b', '6'] : undefined;
  const gates = gatesOf({ ...house, guests }, true).map((gate) =>
    careful(withoutGuests(gate, guests), missing > 0, asked),
  );
  progress.gatesAre(gates);
  const verdict = await runGates(gates, {
    clock: ground.clock,
    signal,
    onReport: (report) => progress.gate(report),
    onRetry: () => undefined,
    storeAnswers: async () => void (await database.query('select 1')),
    once: true,
  });
  progress.ended(outcomeOfVerdict(verdict));
}

/** A table, column, function or schema that is not there. */
const absent: readonly string[] = ['42P01', '42703', '42883', '3F000'];

/** A gate that cannot know before a boot has made what it looks at says so, instead of no. */
function careful(gate: Gate, isBehind: boolean, asked: readonly string[] | undefined): Gate {
  const isEarly = asked !== undefined && !asked.includes(gate.gateId.split('_', 1).join());
  return {
    ...gate,
    run: async (signal) => {
      if (isEarly)
        return { outcome: 'not_reached', detail: 'the workspace does not exist yet; a boot makes it' };
      try {
        return await gate.run(signal);
      } catch (error) {
        const code = codeOf(error instanceof KoraError ? error.cause : error);
        if (!isBehind || !absent.includes(code)) throw error;
        return { outcome: 'not_reached', detail: 'needs a migration that a boot would apply first' };
      }
    },
  };
}

/** Guests may bring tokens that nobody asks while they are not started. */
function withoutGuests(gate: Gate, guests: readonly string[]): Gate {
  if (gate.gateId !== tokenGate || guests.length === 0) return gate;
  const others = `what guests bring is not known, a check starts none: ${guests.join(', ')}`;
  return {
    ...gate,
    run: async (signal) => {
      const answer = await gate.run(signal);
      if (typeof answer === 'string') return { outcome: 'not_reached', detail: `${answer}; ${others}` };
      if (answer.outcome !== 'pass') return answer;
      return { ...answer, outcome: 'not_reached', detail: `${answer.detail}; ${others}` };
    },
  };
}

const tokenGate = '6_tokens';

async function findWorkspace(database: Database, name: string): Promise<Workspace | undefined> {
  const [made] = await database.query<{ there: boolean }>(
    `select to_regclass('kora.workspace') is not null as there`,
  );
  if (made?.there !== true) return undefined;
  const [found] = await database.query<Workspace>(
    'select workspace_id as "workspaceId", name from kora.workspace where name = $1',
    [name],
  );
  return found;
}

/** The rooms that gates look at, built and not opened: nothing seals, signs, declares or listens. */
async function houseOf(
  ground: Ground,
  database: Database,
  migrations: readonly Migration[],
  found: Workspace | undefined,
): Promise<GatedHouse> {
  const { clock, home, scope, onError, configuration } = ground;
  const workspace = found ?? { workspaceId: 0, name: configuration.config.workspace };
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', bootEvents);
  const { workspaceId } = workspace;
  const owner = { workspaceId, runtimeId: home.runtimeId, sessionId: clock.uuid(), actorId: koraActor };
  const chain = new Chain({ database, owner, vocabulary, clock, scope: scope.child('chain'), onError });
  const around = { database, workspace, chain };
  const apply: GatedHouse['rooms']['apply'] = () =>
    Promise.reject(fault('KORA_INTERNAL', 'a check of the gates tells nobody'));
  return {
    ground,
    migrations,
    rooms: {
      ...around,
      checkpoints: await checkpointsOf(ground, { ...around, vocabulary }),
      tokens: new ServiceTokens(clock),
      gates: new PluginGates(),
      capabilities: await capabilitiesOf(
        ground,
        { ...around, apply: () => apply },
        scope.child('capabilities'),
      ),
      spend: await spendOf(ground, { ...around, paid: noPaidWork }, scope.child('spend')),
      apply,
    },
  };
}

import { gatesSettled } from './boot-sequence.ts';
import type { BootSequence } from './boot-sequence.ts';
import { once, readSentinel } from './control/index.ts';
import { drAnswers } from './dr-answers.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { rememberEpoch } from './home/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { issueStop, liftHolds, listCommands, placeHold, readControl } from './state/index.ts';
import type { ControlContext, StoreEpoch } from './state/index.ts';
import { acceptStore } from './store-life.ts';
import type { Transaction } from './store/index.ts';
import { operatorActor } from './workspace/index.ts';

export interface ControlAnswerOptions {
  readonly ground: Pick<Ground, 'home'>;
  readonly rooms: Pick<Rooms, 'database' | 'workspace' | 'chain' | 'controller'>;
  readonly sequence: BootSequence;
  readonly operationalState: () => shape.OperationalState;
}

type ControlAnswers = Pick<House, 'stop' | 'pause' | 'resume' | 'koraControl' | 'drState'>;
type Resume = Parameters<House['resume']>[0];

/** Whoever holds the home's token is the operator. */
const issuer = { actorId: operatorActor, kind: 'operator' } as const;
const listed = 50;

/**
 * Who stops Kora, and how it goes on. Each deed lands in one transaction, between two looks of the controller, and is in
 * the state when it is answered.
 */
export function controlAnswers(options: ControlAnswerOptions): ControlAnswers {
  const { ground, rooms } = options;
  const { database, workspace, chain, controller } = rooms;
  const { workspaceId } = workspace;
  const context: ControlContext = { workspaceId, stage: (tx, drafts) => chain.stage(tx, drafts) };
  return {
    ...drAnswers(ground, rooms),
    stop: ({ idempotencyKey: key, ...wish }) => {
      const { level, reason, forMs } = wish;
      const ending = forMs === undefined ? {} : { expiresInMs: forMs };
      const command = { level: levelOf(level), reason, issuer, via: 'api', ...ending } as const;
      const asking = { workspaceId, key, deed: 'stop', wish };
      const issue = (tx: Transaction) => issueStop(tx, context, command).then((issued) => issued.command);
      const commit = () => database.transaction((tx) => once(tx, asking, () => issue(tx)));
      return controller.between(commit, reason);
    },
    pause: ({ idempotencyKey: key, ...wish }) => {
      const { reason, forMs } = wish;
      const hold = { cause: 'operator', owner: operatorActor, reason, actorId: operatorActor } as const;
      const asking = { workspaceId, key, deed: 'pause', wish };
      const place = async (tx: Transaction) => {
        const placed = await placeHold(tx, context, forMs === undefined ? hold : { ...hold, forMs });
        if (placed === undefined) throw fault('KORA_INTERNAL', 'an operator hold met another one');
        return placed;
      };
      const commit = () => database.transaction((tx) => once(tx, asking, () => place(tx)));
      return controller.between(commit, reason);
    },
    resume: async (request) => {
      await controller.between(() => resume(options, context, request), request.reason);
      await gatesSettled(options.sequence);
      return options.operationalState();
    },
    koraControl: () => koraControl(ground, rooms),
  };
}

/** Bare: a reset of every stop, the operator's holds, and the sentinel of this home. With a hold: that one only. */
async function resume(
  { ground, rooms }: ControlAnswerOptions,
  context: ControlContext,
  { idempotencyKey: key, ...wish }: Resume,
): Promise<void> {
  const { workspaceId } = context;
  const home = ground.home.directory;
  let accepted: StoreEpoch | undefined;
  let isNew = false;
  await rooms.database.transaction((tx) =>
    once(tx, { workspaceId, key, deed: 'resume', wish }, async () => {
      isNew = true;
      const { reason, holdId } = wish;
      const cleared = await liftHolds(tx, context, {
        by: operatorActor,
        reason,
        ...(holdId === undefined ? {} : { holdId }),
      });
      if (holdId !== undefined && cleared.length === 0)
        throw fault('KORA_HOLD_UNKNOWN', `there is no open hold ${holdId}`, { fix: 'kora status' });
      if (cleared.some(({ cause }) => cause === 'dr'))
        accepted = await acceptStore(tx, { home, workspaceId, by: operatorActor, reason });
      if (holdId === undefined) await issueStop(tx, context, { level: 0, reason, issuer, via: 'api' });
      return { cleared: cleared.map((hold) => hold.holdId) };
    }),
  );
  // Before the gates look again: what they compare the store with.
  if (accepted !== undefined) await rememberEpoch(home, accepted);
  // Asked again, it would take a later one.
  if (isNew && wish.holdId === undefined) await rooms.controller.lift();
}

async function koraControl(
  { home }: Pick<Ground, 'home'>,
  { database, workspace, controller }: Pick<Rooms, 'database' | 'workspace' | 'controller'>,
): Promise<shape.KoraControl> {
  const { workspaceId } = workspace;
  const [view, records] = await Promise.all([
    readControl(database, workspaceId),
    listCommands(database, workspaceId, listed),
  ]);
  const { level, reason, at, by } = readSentinel(home.directory) ?? {};
  return {
    stopLevel: Math.max(view.stopLevel, level ?? 0),
    inForce: [...view.commands],
    holds: [...view.holds],
    sentinel:
      level === undefined || reason === undefined || at === undefined || by === undefined
        ? null
        : { level, reason, at, by },
    credentialsLocked: controller.isLocked,
    commands: records.map((record) => ({ ...record, acknowledgements: [...record.acknowledgements] })),
  };
}

const levels = [1, 2, 3, 4, 5] as const;

function levelOf(level: number): (typeof levels)[number] {
  const known = levels.find((each) => each === level);
  if (known === undefined) throw fault('KORA_REQUEST_INVALID', `${level} is no level of a stop`);
  return known;
}

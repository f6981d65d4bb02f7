import { passGatesAgain } from './boot-sequence.ts';
import type { BootSequence } from './boot-sequence.ts';
import { draft } from './chain/index.ts';
import { drAnswers } from './dr-answers.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { rememberEpoch } from './home/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { addHold, clearHolds, holdAdded, holdCleared, readControl } from './state/index.ts';
import type { Hold } from './state/index.ts';
import { acceptStore } from './store-life.ts';
import { operatorActor } from './workspace/index.ts';

export interface ControlAnswerOptions {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly sequence: BootSequence;
  readonly operationalState: () => shape.OperationalState;
}

type ControlAnswers = Pick<House, 'stop' | 'pause' | 'resume' | 'koraControl' | 'drState'>;

/** Who stops Kora, and how it goes on. */
export function controlAnswers(options: ControlAnswerOptions): ControlAnswers {
  const { ground, rooms, sequence } = options;
  const { database, workspace, chain, holder, worker } = rooms;
  const { workspaceId } = workspace;
  const stage = chain.stage.bind(chain);
  const by = operatorActor;
  /** Takes the holds as the store has them now into the state. */
  const takeHolds = async (note: string): Promise<void> => {
    await holder.observe(await readControl(database, workspaceId), { note });
    worker.kick();
  };
  return {
    ...drAnswers(ground, rooms),
    stop: () => Promise.reject(fault('KORA_NOT_READY', 'stop commands come with the control loop')),
    koraControl: () => Promise.reject(fault('KORA_NOT_READY', 'stop commands come with the control loop')),
    pause: async ({ reason, forMs }) => {
      const hold = await database.transaction(async (tx) => {
        const wish = { cause: 'operator', owner: by, reason } as const;
        const added = await addHold(tx, workspaceId, forMs === undefined ? wish : { ...wish, forMs });
        if (added === undefined) throw fault('KORA_INTERNAL', 'an operator hold met another one');
        await stage(tx, [draft(holdAdded, holdPayload(added, reason), { actorId: by })]);
        return added;
      });
      await takeHolds(reason);
      return hold;
    },
    resume: async ({ reason, holdId }) => {
      const accepted = await database.transaction(async (tx) => {
        const wish = { by, reason, ...(holdId === undefined ? {} : { holdId }) };
        const cleared = await clearHolds(tx, workspaceId, wish);
        if (holdId !== undefined && cleared.length === 0) {
          throw fault('KORA_HOLD_UNKNOWN', `there is no open hold ${holdId}`, { fix: 'kora status' });
        }
        await stage(
          tx,
          cleared.map((hold) => draft(holdCleared, holdPayload(hold, reason), { actorId: by })),
        );
        const isAccepted = cleared.some(({ cause }) => cause === 'dr');
        return isAccepted
          ? acceptStore(tx, { home: ground.home.directory, workspaceId, by, reason })
          : undefined;
      });
      if (accepted !== undefined) {
        await rememberEpoch(ground.home.directory, accepted);
        await passGatesAgain(sequence);
      }
      await takeHolds(reason);
      return options.operationalState();
    },
  };
}

function holdPayload(
  hold: Hold,
  reason: string,
): { hold_id: number; hold_cause: string; owner: string; reason: string } {
  return { hold_id: hold.holdId, hold_cause: hold.cause, owner: hold.owner, reason };
}

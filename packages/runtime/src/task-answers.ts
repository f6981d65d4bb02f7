import { describeCadence } from './daemon/index.ts';
import type { TaskCadence, TaskView } from './daemon/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type TaskAnswers = Pick<House, 'tasks' | 'task' | 'taskHistory' | 'runTask' | 'setTaskCadence'>;

/** What runs on a cadence, and the operator's word on it. */
export function taskAnswers({ scheduler }: Pick<Rooms, 'scheduler'>): TaskAnswers {
  const by = operatorActor;
  return {
    tasks: async () =>
      [...(await scheduler.list())].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))),
    task: async (name) => detailOf(await scheduler.show(name)),
    taskHistory: (name, limit) => scheduler.history(name, limit),
    runTask: (name, reason) => scheduler.runNow(name, { by, reason }),
    setTaskCadence: async (name, { cadence, reason }) => {
      await scheduler.setCadence(name, cadence, { by, reason });
      return detailOf(await scheduler.show(name));
    },
  };
}

function detailOf({ declared, order, ...view }: TaskView & TaskCadence): shape.TaskDetail {
  return {
    ...view,
    declaredCadence: describeCadence(declared),
    cadenceOrder: order === null ? null : { by: order.by, reason: order.reason, at: order.at },
  };
}

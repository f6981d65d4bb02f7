import type { Context, Run } from '../context.ts';
import { plain } from '../output/style.ts';
import { taskOf } from './task.ts';

export const pause: Run = (context) => set(context, true);

export const resume: Run = (context) => set(context, false);

/** The reason is on the log, so it is asked for; to pause what is paused changes nothing and is no fault. */
async function set(context: Context, paused: boolean): ReturnType<Run> {
  const { input, out } = context;
  const reason = input.needed('reason');
  const api = await context.client();
  const { name } = await taskOf(api, context);
  const done = paused ? await api.pauseTask(name, reason) : await api.resumeTask(name, reason);
  const { style } = out;
  const word = paused ? style.warn('paused') : 'resumed';
  out.result(done, () => [
    done.changed
      ? `${plain(name)}  ${word}`
      : `${plain(name)} was ${paused ? 'paused already' : 'not paused'}`,
    ...(paused ? [style.dim(`go on with: kora task resume ${plain(name)} --reason '...'`)] : []),
  ]);
  return 'ok';
}

import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { taskLines, taskOf } from './task.ts';

type Cadence = { everyMs: number } | { cron: string; zone?: string } | { at: string };

export const cadence: Run = async (context) => {
  const { input, out } = context;
  const wanted = wantedCadence(context);
  const reason = input.needed('reason');
  const api = await context.client();
  const { name } = await taskOf(api, context);
  const row = await api.setTaskCadence(name, wanted, reason);
  out.result(row, () => taskLines(row, out));
  return 'ok';
};

export const reset: Run = async (context) => {
  const { input, out } = context;
  const reason = input.needed('reason');
  const api = await context.client();
  const { name } = await taskOf(api, context);
  const row = await api.resetTaskCadence(name, reason);
  out.result(row, () => taskLines(row, out));
  return 'ok';
};

/** Exactly one of the three. */
function wantedCadence({ input }: Context): Cadence {
  const everyMs = input.span('every');
  const cron = input.text('cron');
  const zone = input.text('zone');
  const at = input.text('at');
  const wanted: Cadence[] = [
    ...(everyMs === undefined ? [] : [{ everyMs }]),
    ...(cron === undefined ? [] : [zone === undefined ? { cron } : { cron, zone }]),
    ...(at === undefined ? [] : [{ at: instantOf(at) }]),
  ];
  const [only] = wanted;
  if (only === undefined || wanted.length > 1)
    throw usage('kora task cadence takes one of --every, --cron and --at', 'kora task cadence --help');
  if (zone !== undefined && cron === undefined)
    throw usage('--zone says where --cron is read, and there is no --cron', 'kora task cadence --help');
  return only;
}

/** With its offset: a time of day without one is somebody's, and not the runtime's. */
function instantOf(text: string): string {
  const at = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw usage(
    `--at takes a time with its offset, like 2026-05-01T08:00:00Z, not ${JSON.stringify(text)}`,
    'kora task cadence --help',
  );
}

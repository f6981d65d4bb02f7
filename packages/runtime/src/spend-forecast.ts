import { countRuns, nextDue } from './daemon/index.ts';
import type { Cadence, TaskView } from './daemon/index.ts';
import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { forecastOf, measureCalls, runsPerDayOf, usdOf } from './spend/index.ts';
import type { Figure } from './spend/index.ts';

type Wanted = Parameters<House['spendForecast']>[0];
type ForecastRooms = Pick<Rooms, 'database' | 'workspace' | 'spend' | 'scheduler'>;

const dayMs = 86_400_000;
/** How far back history is asked. */
const measuredMs = 30 * dayMs;
/** How far ahead a cron line is read, and how many of its times. */
const aheadMs = 28 * dayMs;
const mostTimes = 5_000;
const route = 'scheduled_task';

/** What a plugin's tasks, or one task, would cost at their cadence: from what was said, else from what was measured. */
export async function forecastSpend(
  rooms: ForecastRooms,
  wanted: Wanted,
  nowMs: number,
): Promise<shape.SpendForecast> {
  const { spend, scheduler } = rooms;
  const now = await spend.read();
  if (now === undefined)
    throw fault('KORA_SPEND_NO_POOL', 'no runtime has set what this workspace may spend', { fix: 'kora up' });
  const all = await scheduler.list();
  const task = wanted.task === undefined ? undefined : await scheduler.show(wanted.task);
  const plugin = wanted.plugin ?? task?.pluginName;
  const siblings = all.filter(({ pluginName }) => pluginName === plugin);
  const meant = task === undefined ? siblings : [task];
  const forecast = forecastOf({
    runsPerDay: await runsOf(rooms, wanted, { meant, plugin, nowMs }),
    callsPerRun: await callsOf(rooms, wanted, { plugin, siblings }),
    costPerCallMicroUsd: await costOf(rooms, wanted, plugin),
  });
  const { costPerCallMicroUsd: cost, perRunMicroUsd, perDayMicroUsd, perMonthMicroUsd } = forecast;
  return {
    runsPerDay: forecast.runsPerDay,
    callsPerRun: forecast.callsPerRun,
    usdPerCall: cost === null ? null : { value: usdOf(cost.value), restsOn: cost.restsOn },
    perRunUsd: dollarsOf(perRunMicroUsd),
    perDayUsd: dollarsOf(perDayMicroUsd),
    perMonthUsd: dollarsOf(perMonthMicroUsd),
    poolUsd: usdOf(now.poolMicroUsd),
  };
}

function dollarsOf(microUsd: number | null): number | null {
  return microUsd === null ? null : usdOf(microUsd);
}

interface Meant {
  readonly meant: readonly TaskView[];
  readonly plugin: string | undefined;
  readonly nowMs: number;
}

async function runsOf(
  { scheduler }: ForecastRooms,
  { everyMs }: Wanted,
  { meant, plugin, nowMs }: Meant,
): Promise<Figure | null> {
  if (everyMs !== undefined) return { value: runsPerDayOf(everyMs), restsOn: 'the cadence that was said' };
  if (meant.length === 0) return null;
  const perTask = await Promise.all(
    meant.map(async ({ name }) => {
      const { declared, order } = await scheduler.show(name);
      return timesPerDay(order?.cadence ?? declared, nowMs);
    }),
  );
  const value = perTask.reduce((sum, each) => sum + each, 0);
  const [one] = meant;
  const restsOn =
    meant.length === 1 && one !== undefined
      ? `${one.name}, ${one.cadence}`
      : `the ${meant.length} tasks of ${plugin ?? 'the plugin'}`;
  return { value, restsOn };
}

/** How often a cadence is due on a day of the next weeks. */
export function timesPerDay(cadence: Cadence, nowMs: number): number {
  if ('everyMs' in cadence) return runsPerDayOf(cadence.everyMs);
  if ('at' in cadence) return 0;
  let times = 0;
  let last = nowMs;
  while (times < mostTimes) {
    const next = nextDue(cadence, undefined, last);
    if (next === undefined || next > nowMs + aheadMs) return (times * dayMs) / aheadMs;
    times += 1;
    last = next;
  }
  return (times * dayMs) / (last - nowMs);
}

async function callsOf(
  { database, workspace: { workspaceId } }: ForecastRooms,
  { calls }: Wanted,
  { plugin, siblings }: { readonly plugin: string | undefined; readonly siblings: readonly TaskView[] },
): Promise<Figure | null> {
  if (calls !== undefined) return { value: calls, restsOn: 'the number that was said' };
  if (plugin === undefined || siblings.length === 0) return null;
  const tasks = siblings.map(({ name }) => name);
  const { runs, overMs } = await countRuns(database, workspaceId, { tasks, windowMs: measuredMs });
  if (runs === 0) return null;
  const made = await measureCalls(database, workspaceId, { windowMs: overMs, caller: plugin, route });
  const average = tasks.length === 1 ? '' : `, on average over ${tasks.length} tasks`;
  return {
    value: made.calls / runs,
    restsOn: `${counted(made.calls, 'call')} in ${counted(runs, 'run')}${average}`,
  };
}

async function costOf(
  { database, workspace: { workspaceId }, spend }: ForecastRooms,
  { model, inputTokens, outputTokens }: Wanted,
  plugin: string | undefined,
): Promise<Figure | null> {
  if (model !== undefined && (inputTokens !== undefined || outputTokens !== undefined)) {
    const wish = { model, inputTokens: inputTokens ?? 0, maxOutputTokens: outputTokens ?? 0 };
    const { costMicroUsd, estimated } = spend.prices.estimate(wish);
    if (Number.isNaN(costMicroUsd)) return null;
    const price = estimated ? 'the dearest price known' : `the price of ${model}`;
    return { value: costMicroUsd, restsOn: `the tokens that were said, at ${price}` };
  }
  const of = model === undefined ? { caller: plugin, route } : { model };
  if (plugin === undefined && model === undefined) return null;
  const { calls, spentMicroUsd } = await measureCalls(database, workspaceId, { windowMs: measuredMs, ...of });
  if (calls === 0) return null;
  const by = model === undefined ? '' : ` by ${model}`;
  return { value: spentMicroUsd / calls, restsOn: `${counted(calls, 'call')}${by} in the last 30 days` };
}

function counted(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}

import type { PeriodicTaskSpec, PluginContext } from '@kora/runtime/plugin';
import { canaryCompleted, canaryMissed, canaryPutOff, canaryStarted } from '../events.ts';
import type { WakeConfig } from '../wake-config.ts';
import { alarm, runCanary, wayMs } from './run.ts';
import type { CanaryContext } from './run.ts';
import { isMaintained } from './windows.ts';

/** A day and the time that one may be late. */
const longestGapMs = 26 * 3_600_000;
/** Sooner after another its fault would be the same incident again, and no wake of its own. */
const apartMs = 660_000;
const watchEveryMs = 1_800_000;
const graceMs = 60_000;

type TaskContext = CanaryContext & Pick<PluginContext<WakeConfig>, 'config'>;

/**
 * The canary, once a day in the whole fleet, and the watch over it. Both stop with every hold, and keep still in a
 * maintenance window over everything: then nothing is investigated, and the operator knows why. In quiet hours, in which
 * its messages would wait, none sets out; the watch lets it go after them. `upSince` in milliseconds since 1970.
 */
export function canaryTasks(context: TaskContext, upSince: number): readonly PeriodicTaskSpec[] {
  const { enabled, cron } = context.config.canary;
  return [
    {
      name: 'probe_canary',
      cadence: { cron },
      purpose: 'act',
      scope: 'fleet',
      catchUp: 'once',
      timeoutMs: wayMs + graceMs,
      run: async ({ signal, scheduledAt }) => {
        if (!enabled || !(await maySetOut(context))) return 'noop';
        if (await context.notify.isQuiet()) {
          await context.chain.append({ type: canaryPutOff.type, payload: { canary_id: scheduledAt } });
          return 'ok';
        }
        await runCanary(context, scheduledAt, signal);
        return 'ok';
      },
    },
    {
      name: 'probe_canary_watch',
      cadence: { everyMs: watchEveryMs },
      purpose: 'act',
      scope: 'fleet',
      timeoutMs: wayMs + graceMs,
      run: async ({ signal, scheduledAt }) => {
        if (!enabled || (await context.notify.isQuiet())) return 'noop';
        if ((await isPutOff(context)) && (await maySetOut(context))) {
          await runCanary(context, scheduledAt, signal);
          return 'ok';
        }
        return (await watch(context, upSince)) ? 'ok' : 'noop';
      },
    },
  ];
}

async function maySetOut(context: CanaryContext): Promise<boolean> {
  const now = context.clock.now();
  const window = { from: now, to: now + wayMs };
  return !(await isMaintained(context.chain, window)) && !(await isTooSoon(context, now));
}

async function isTooSoon({ chain, log }: CanaryContext, now: number): Promise<boolean> {
  for (const { type } of [canaryStarted, canaryCompleted, canaryMissed]) {
    const [last] = await chain.read({ type, order: 'desc', limit: 1 });
    const waitMs = last === undefined ? 0 : Date.parse(last.occurredAt) + apartMs - now;
    if (waitMs <= 0) continue;
    log.info(
      `no canary yet: the latest was a moment ago, the next may be in ${Math.ceil(waitMs / 60_000)} min`,
    );
    return true;
  }
  return false;
}

/** Whether the latest waits for the end of quiet hours. */
async function isPutOff({ chain }: CanaryContext): Promise<boolean> {
  const [[put], [started]] = await Promise.all([
    chain.read({ type: canaryPutOff.type, order: 'desc', limit: 1 }),
    chain.read({ type: canaryStarted.type, order: 'desc', limit: 1 }),
  ]);
  return put !== undefined && put.seq > (started?.seq ?? 0);
}

/** Alarms, once a day, when no canary came through for longer than a day. Answers whether it did. */
export async function watch(context: CanaryContext, upSince: number): Promise<boolean> {
  const { chain, clock } = context;
  const now = clock.now();
  const [last] = await chain.read({ type: canaryCompleted.type, order: 'desc', limit: 1 });
  const since = last === undefined ? upSince : Date.parse(last.occurredAt);
  if (now - since <= longestGapMs) return false;
  const [hold] = await chain.read({ type: 'kora.hold', order: 'desc', limit: 1 });
  // Held until a moment ago: there could be none.
  if (hold !== undefined && now - Date.parse(hold.occurredAt) <= longestGapMs) return false;
  if (await isMaintained(chain, { from: now - longestGapMs, to: now })) return false;
  const hours = Math.floor((now - since) / 3_600_000);
  await alarm(context, {
    canaryId: null,
    stage: 'absent',
    key: `canary:absent:${new Date(now).toISOString().slice(0, 10)}`,
    why: `none came through for ${hours} hours`,
  });
  return true;
}

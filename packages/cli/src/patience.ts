import { startCommand } from './connect.ts';
import type { Context } from './context.ts';
import { problemOf, refusal } from './fault.ts';

/** A runtime that restarts is waited for this long before following it ends with 69. */
const patienceMs = 60_000;
const retryMs = 500;

/** Bears with a runtime that is away for a moment: says so once, waits, and gives up after a minute. */
export interface Patience {
  answered(): void;
  /** Waits a little; throws what no waiting mends. */
  broken(error: unknown, signal: AbortSignal): Promise<void>;
}

export function createPatience(context: Context): Patience {
  const { host, out, globals } = context;
  let lostAt: number | undefined;
  return {
    answered: () => {
      if (lostAt !== undefined) out.note(out.aside.dim('-- connected again'));
      lostAt = undefined;
    },
    broken: async (error, signal) => {
      if (signal.aborted) return;
      if (await isFinal(context, error)) throw error;
      if (lostAt === undefined) {
        lostAt = host.now();
        out.note(out.aside.dim('-- the runtime does not answer; waiting for it'));
      } else if (host.now() - lostAt > patienceMs) {
        throw refusal('KORA_UNREACHABLE', 'the runtime has not come back', startCommand(globals));
      }
      await host.sleep(retryMs, signal);
    },
  };
}

/** A refusal says the same tomorrow; a connection that broke, or a runtime still booting, does not. */
async function isFinal({ host }: Context, error: unknown): Promise<boolean> {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code !== 'string' || !code.startsWith('KORA_')) return false;
  const { type } = problemOf(error, (await host.runtime.basics()).faultTable);
  return type !== 'unreachable' && type !== 'temporary';
}

/** Following ends on Ctrl-C, SIGTERM or a closed pipe; `release` gives the signals back. */
export interface Until {
  readonly signal: AbortSignal;
  interrupted(): boolean;
  release(): void;
}

export function untilInterrupted({ host, out }: Context): Until {
  const stop = new AbortController();
  const release = host.onInterrupt(() => stop.abort());
  return {
    signal: AbortSignal.any([stop.signal, out.closed]),
    interrupted: () => stop.signal.aborted,
    release,
  };
}

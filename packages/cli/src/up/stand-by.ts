import { messageOf } from '@kora/runtime/plugin';
import type { Context } from '../context.ts';
import type { Interrupt } from '../host.ts';
import type { Running } from '../runtime.ts';

/** A terminal sends Ctrl-C to the whole group, and a wrapper may pass it on again: that is one wish, not two. */
const sameWishMs = 500;
const hardExit = 130;

export interface StandBy {
  /** Aborts with the first signal. */
  readonly signal: AbortSignal;
  /** From now on the first signal stops this runtime; one that came before does so at once. */
  attend(running: Running): Promise<void>;
  release(): void;
}

/**
 * The first signal asks for an orderly stop and says so; Ctrl-C after that does not wait. Only Ctrl-C: npm, shells and
 * service managers send SIGTERM several times over and mean one stop.
 */
export function standBy(context: Context): StandBy {
  const { host, out } = context;
  const wish = new AbortController();
  let firstAt: number | undefined;
  const heard = (name: Interrupt): void => {
    if (firstAt === undefined) {
      firstAt = host.now();
      out.note(`\n${name}: stopping; Ctrl-C once more ends it at once`);
      wish.abort();
    } else if (name === 'SIGINT' && host.now() - firstAt > sameWishMs) {
      out.note('Ctrl-C again: ending now, without waiting');
      host.exit(hardExit);
    }
  };
  const release = host.onInterrupt(heard);
  return { signal: wish.signal, attend: (running) => attend(context, running, wish.signal), release };
}

async function attend({ out }: Context, running: Running, wish: AbortSignal): Promise<void> {
  const wished = new Promise<'wish'>((resolve) => {
    if (wish.aborted) resolve('wish');
    else wish.addEventListener('abort', () => resolve('wish'), { once: true });
  });
  if ((await Promise.race([wished, running.closed])) !== 'wish') return;
  out.note(`stopping daemons, tickets and the store of pid ${running.ready.pid}`);
  await running.stop('interrupted by the operator').catch((error: unknown) => {
    // `closed` settles all the same and carries the exit code.
    out.note(`stopping met a fault: ${messageOf(error)}`);
  });
}

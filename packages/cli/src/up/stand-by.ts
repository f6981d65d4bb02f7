import { messageOf } from '@kora/runtime/plugin';
import type { Context } from '../context.ts';
import type { Interrupt } from '../host.ts';
import type { Running } from '../runtime.ts';

/** A terminal sends Ctrl-C to the whole group, and a wrapper may pass it on again: that is one wish, not two. */
const sameWishMs = 500;
const hardExit = 130;

export interface StandBy {
  /** Aborts with a signal that comes before the runtime is up: it ends the boot. */
  readonly boot: AbortSignal;
  interrupted(): boolean;
  /** From now on the first signal stops this runtime; one that came before does so at once. */
  attend(running: Running): Promise<void>;
  release(): void;
}

/**
 * The first signal asks for an orderly stop and says so; Ctrl-C after that does not wait. Only Ctrl-C: npm, shells and
 * service managers send SIGTERM several times over and mean one stop.
 */
export function standBy({ host, out }: Context): StandBy {
  const boot = new AbortController();
  const wish = new AbortController();
  let firstAt: number | undefined;
  let isUp = false;
  const heard = (name: Interrupt): void => {
    if (firstAt === undefined) {
      firstAt = host.now();
      // A terminal has just echoed ^C on the line.
      out.note(`${host.stderr.isTTY ? '\n' : ''}${name}: stopping; Ctrl-C once more ends it at once`);
      wish.abort();
      // A runtime that is up is stopped by name and ends with 0; what is not up yet can only be broken off.
      if (!isUp) boot.abort();
    } else if (name === 'SIGINT' && host.now() - firstAt > sameWishMs) {
      out.note('Ctrl-C again: ending now, without waiting');
      host.exit(hardExit);
    }
  };
  const attend = async (running: Running): Promise<void> => {
    isUp = true;
    if (!(await wishedBefore(wish.signal, running.closed))) return;
    out.note(`stopping daemons, tickets and the store of pid ${running.ready.pid}`);
    await running.stop('interrupted by the operator').catch((error: unknown) => {
      // `closed` settles all the same and carries the exit code.
      out.note(`stopping met a fault: ${messageOf(error)}`);
    });
  };
  return {
    boot: boot.signal,
    interrupted: () => wish.signal.aborted,
    attend,
    release: host.onInterrupt(heard),
  };
}

/** True when the operator wished it to stop, false when it closed by itself. */
async function wishedBefore(wish: AbortSignal, closed: Promise<unknown>): Promise<boolean> {
  const wished = new Promise<true>((resolve) => {
    if (wish.aborted) resolve(true);
    else wish.addEventListener('abort', () => resolve(true), { once: true });
  });
  return await Promise.race([wished, closed.then(() => false)]);
}

import { fault } from '../../fault/index.ts';
import type { BackgroundDaemonEntry, CoordinatorView, RuntimeGlance } from '../contract.ts';
import { toWire } from './frame.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

/** What the host says of a start; each has a number of its own. */
interface Start extends Pick<CoordinatorView, 'timeoutMs' | 'deadline' | 'fence'> {
  readonly life: number;
}

/** A daemon's functions in its own process: what it is told of the runtime, and says to it, are messages. */
export function daemonHere(entry: BackgroundDaemonEntry, link: Link): Parameters<Shelf['keep']>[0] {
  const lives = new Map<number, AbortController>();
  return {
    startup: (args, given) => {
      const { life, ...start } = args as Start;
      const over = new AbortController();
      lives.set(life, over);
      const signal = AbortSignal.any([given, over.signal]);
      return entry.startup({
        ...start,
        signal,
        status: () => statusOf(link),
        died: (error) => link.tell('daemon.died', { life, error: toWire(error) }),
        beat: beating(entry.livenessMs, over.signal, () => link.tell('daemon.beat', { life })),
      });
    },
    shutdown: (args) => {
      const { life } = args as Pick<Start, 'life'>;
      lives.get(life)?.abort();
      lives.delete(life);
      return entry.shutdown();
    },
  };
}

/** Only the data of it, named one by one: an entry may be an object of any class. */
export function describeDaemon(entry: BackgroundDaemonEntry): object {
  const { name, startupTimeoutMs, shutdownTimeoutMs, fatalOnStartupFailure, dependsOn } = entry;
  const { scope, livenessMs } = entry;
  return { name, startupTimeoutMs, shutdownTimeoutMs, fatalOnStartupFailure, dependsOn, scope, livenessMs };
}

async function statusOf(link: Link): Promise<RuntimeGlance> {
  const glance = (await link.call('daemon.status', {})) as RuntimeGlance | null;
  if (glance === null)
    throw fault('KORA_PLUGIN_GONE', 'the daemon is over; the runtime tells it nothing more');
  return glance;
}

/**
 * Beats cross a few times in each span that they are needed in, however often the daemon beats; the last of several at once
 * crosses too, a little later.
 */
function beating(livenessMs: number | undefined, over: AbortSignal, tell: () => void): () => void {
  if (livenessMs === undefined) return () => undefined;
  const everyMs = livenessMs / 4;
  let resting: NodeJS.Timeout | undefined;
  let again = false;
  const rest = (): void => {
    resting = setTimeout(() => {
      resting = undefined;
      if (!again || over.aborted) return;
      again = false;
      tell();
      rest();
    }, everyMs);
    resting.unref();
  };
  return () => {
    again = resting !== undefined;
    if (again) return;
    tell();
    rest();
  };
}

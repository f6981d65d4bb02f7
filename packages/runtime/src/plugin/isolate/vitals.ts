import type { Clock } from '../../clock/index.ts';
import { withDeadline } from '../../clock/index.ts';
import { readText } from '../locate.ts';
import type { Link } from './link.ts';

export interface VitalLimits {
  /** Milliseconds between looks. */
  readonly everyMs: number;
  /** Milliseconds a guest's event loop may take to answer; twice in a row is the end. */
  readonly answerMs: number;
  /** Megabytes of resident memory, Buffers and all. */
  readonly residentMb: number;
}

/**
 * Looks at a guest until the signal aborts or something is wrong, and answers what: an event loop that does not turn,
 * or more memory than it may have. A machine that slept shows one missed answer, so one is forgiven.
 */
export async function watchVitals(
  guest: { readonly pid: number; readonly link: Link; mustAnswer(): boolean },
  limits: VitalLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  let missed = 0;
  while (await clock.sleep(limits.everyMs, signal)) {
    const resident = await residentMb(guest.pid);
    if (resident > limits.residentMb) {
      return `it held ${Math.round(resident)} MB of memory; it may hold ${limits.residentMb}`;
    }
    if (!guest.mustAnswer()) continue;
    missed = (await answers(guest.link, limits.answerMs, clock, signal)) ? 0 : missed + 1;
    if (missed > 1) return `its event loop did not answer for ${2 * limits.answerMs} ms`;
  }
  return undefined;
}

async function answers(link: Link, ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await withDeadline(clock, { ms, what: 'an answer', signal }, (given) => link.call('ping', null, given));
    return true;
  } catch {
    // Late is what we ask about. A link that ended, or a watch that ended, is seen elsewhere.
    return signal.aborted || !link.open;
  }
}

/** 0 where the system does not tell (only Linux does, without a process of its own). */
async function residentMb(pid: number): Promise<number> {
  const status = (await readText(`/proc/${pid}/status`)) ?? '';
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

import { z } from 'zod';
import type { Clock } from '../../clock/index.ts';
import { withDeadline } from '../../clock/index.ts';
import { readText } from '../locate.ts';
import type { ProcessLook } from '../usage.ts';
import type { Link } from './link.ts';

export interface VitalLimits {
  /** Milliseconds between looks. */
  readonly everyMs: number;
  /** Milliseconds a guest's event loop may take to answer; twice in a row is the end. */
  readonly answerMs: number;
  /** Megabytes of resident memory, Buffers and all. */
  readonly residentMb: number;
}

/** What a guest says of itself when it is asked. Its processor time and memory count only where the system does not tell. */
export type Pulse = ProcessLook;

const figure = z.number().nonnegative();
const pulse: z.ZodType<Pulse> = z.object({
  cpuMs: figure.nullable(),
  residentMb: figure.nullable(),
  eventLoopDelayMs: z.object({ p50: figure, p99: figure, max: figure }).nullable(),
});

export interface WatchedGuest {
  readonly pid: number;
  readonly link: Link;
  mustAnswer(): boolean;
  /** Hears what each look saw. */
  looked(look: ProcessLook): void;
}

/** The first look comes so much earlier, so that there are figures soon. */
const firstLook = 0.1;

/**
 * Looks at a guest until the signal aborts or something is wrong, and answers what: an event loop that does not turn,
 * or more memory than it may have. A machine that slept shows one missed answer, so one is forgiven.
 */
export async function watchVitals(
  guest: WatchedGuest,
  limits: VitalLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  let missed = 0;
  let said: Pulse | undefined;
  let pauseMs = limits.everyMs * firstLook;
  while (await clock.sleep(pauseMs, signal)) {
    pauseMs = limits.everyMs;
    const seen = await readProcess(guest.pid);
    if (signal.aborted) break;
    guest.looked(withWord(seen, said));
    const resident = seen.residentMb ?? said?.residentMb ?? 0;
    if (resident > limits.residentMb) {
      return `it held ${Math.round(resident)} MB of memory; it may hold ${limits.residentMb}`;
    }
    if (guest.mustAnswer()) {
      const answer = await answers(guest.link, limits.answerMs, clock, signal);
      missed = answer === 'late' ? missed + 1 : 0;
      if (answer !== 'late') said = pulse.safeParse(answer).data ?? said;
      if (missed > 1) return `its event loop did not answer for ${2 * limits.answerMs} ms`;
    }
    // A guest that is gone was looked at for the last time.
    if (!signal.aborted) guest.looked(withWord(seen, said));
  }
  return undefined;
}

/** What the system tells of a process; nulls where it does not (only Linux does, without a process of its own). */
export async function readProcess(pid: number): Promise<Pick<ProcessLook, 'cpuMs' | 'residentMb'>> {
  const [status, stat] = await Promise.all([readText(`/proc/${pid}/status`), readText(`/proc/${pid}/stat`)]);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  // The name stands in parentheses and may hold anything. Of what follows, the 12th and 13th are user and system time.
  const [user, system] = (stat ?? '')
    .slice((stat ?? '').lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  const ticks = Number(user) + Number(system);
  return {
    residentMb: resident === undefined ? null : Number(resident) / 1024,
    cpuMs: Number.isNaN(ticks) ? null : ticks * tickMs,
  };
}

/** Linux tells times to programs in hundredths of a second, whatever it counts in itself. */
const tickMs = 10;

function withWord(seen: Pick<ProcessLook, 'cpuMs' | 'residentMb'>, said: Pulse | undefined): ProcessLook {
  return {
    cpuMs: seen.cpuMs ?? said?.cpuMs ?? null,
    residentMb: seen.residentMb ?? said?.residentMb ?? null,
    eventLoopDelayMs: said?.eventLoopDelayMs ?? null,
  };
}

async function answers(link: Link, ms: number, clock: Clock, signal: AbortSignal): Promise<unknown> {
  try {
    return await withDeadline(clock, { ms, what: 'an answer', signal }, (given) =>
      link.call('ping', null, given),
    );
  } catch {
    // Late is what we ask about. A link that ended, or a watch that ended, is seen elsewhere.
    return signal.aborted || !link.open ? undefined : 'late';
  }
}

import type { Clock } from '../../clock/index.ts';
import type { KeptSession, Keeping } from './live-session.ts';
import type { Leases } from './session.ts';
import type { SessionTimes } from './times.ts';

export interface PulseOptions {
  readonly session: KeptSession;
  readonly times: SessionTimes;
  readonly clock: Clock;
  /** One beat; undefined from a session that is lost. */
  readonly beat: () => Promise<Leases | undefined>;
  /** Whether the lease runs out without beats. */
  readonly lapses: boolean;
  readonly onError: (where: string, error: unknown) => void;
}

/**
 * Beats from the main thread, by the clock that it is given: for a store that serves one process, where nothing is to be
 * prolonged and only what is held is looked at, and for tests whose time stands.
 */
export function startPulse(options: PulseOptions): Keeping {
  const ending = new AbortController();
  const running = run(options, ending.signal);
  return {
    close: () => {
      ending.abort();
      return running;
    },
  };
}

async function run(
  { session, times, clock, beat, lapses, onError }: PulseOptions,
  signal: AbortSignal,
): Promise<void> {
  let goodAt = clock.monotonic();
  let failures = 0;
  while (await clock.sleep(failures === 0 ? times.beatMs : times.retryMs, signal)) {
    const sentAt = clock.monotonic();
    try {
      const leases = await beat();
      if (signal.aborted) return;
      if (leases === undefined) return session.lose('its lease has run out');
      failures = 0;
      goodAt = sentAt;
      session.told(leases, sentAt);
    } catch (error) {
      failures += 1;
      if (failures === 1) onError('session beat', error);
      if (lapses && clock.monotonic() - goodAt >= times.ttlMs - times.marginMs)
        return session.lose('the store did not answer within its lease');
    }
  }
}

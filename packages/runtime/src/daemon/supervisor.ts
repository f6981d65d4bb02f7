import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { daemonDied, daemonFailed, daemonQuarantined } from './events.ts';
import { namesOf } from './life.ts';
import type { Life, Verdict } from './life.ts';
import { asksAndMayBeFatal } from './registry.ts';
import type { Telling } from './telling.ts';

export interface SupervisorPorts {
  readonly clock: Clock;
  readonly telling: Telling;
  /** Ends every pause. */
  readonly signal: AbortSignal;
  /** The pause of a daemon is over. */
  readonly onRested: (life: Life) => void;
}

/** So long one message speaks for all starts of a daemon that come to nothing. */
const sameStoryMs = 600_000;

/** Decides what becomes of daemons that died or did not start, and tells it. */
export class Supervisor {
  readonly #ports: SupervisorPorts;
  readonly #pauses = new Map<Life, Promise<void>>();
  /** When a daemon of that name was told of that did not start. */
  readonly #leftAt = new Map<string, number>();

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
  }

  /** A daemon that ran is dead. */
  died(life: Life, error: unknown): Verdict {
    const { telling } = this.#ports;
    const [verdict, recent] = this.#judge(life, error);
    const payload = { ...namesOf(life), recent_deaths: recent, error: messageOf(error) };
    const next = verdict === 'quarantine' ? {} : { restart_in_ms: verdict };
    telling.event(daemonDied, { ...payload, ...next });
    return verdict;
  }

  /** A daemon that ran before does not come up again: as bad as another death. */
  failedAgain(life: Life, error: unknown): Verdict {
    const [verdict] = this.#judge(life, error);
    this.tellFailed(life, messageOf(error));
    return verdict;
  }

  /** What the verdict says comes true, once the daemon is down. */
  sentence(life: Life, verdict: Verdict): void {
    if (verdict === 'quarantine') this.#quarantine(life);
    else this.#pause(life, verdict);
  }

  /** It did not start, and is left behind. */
  leaveBehind(life: Life, error: string): void {
    const { telling, clock } = this.#ports;
    life.rest = 'failed';
    life.error = error;
    this.tellFailed(life, error);
    // The end of the boot is loud enough, and a guest that dies while it starts comes again and again.
    const now = clock.monotonic();
    const quiet = now - (this.#leftAt.get(life.name) ?? -Infinity) < sameStoryMs;
    if (asksAndMayBeFatal(life.daemon) || quiet) return;
    this.#leftAt.set(life.name, now);
    telling.alert({
      key: `daemon:${life.name}:failed:${clock.uuid()}`,
      thread: `daemon:${life.name}`,
      severity: 'warning',
      title: `Daemon ${life.name} did not start`,
      body: `${error}\n\nIt is plugin ${life.daemon.pluginName}'s, and the runtime goes on without it. ${restartHint(life)}`,
    });
  }

  tellFailed(life: Life, error: string): void {
    const { daemon } = life;
    const fatal = asksAndMayBeFatal(daemon);
    const ignored = daemon.fatalOnStartupFailure === true && !fatal;
    const payload = { ...namesOf(life), error, fatal, fatal_ignored: ignored };
    this.#ports.telling.event(daemonFailed, payload);
  }

  /** Resolves when every pause has ended. */
  async close(): Promise<void> {
    await Promise.all(this.#pauses.values());
  }

  #judge(life: Life, error: unknown): readonly [Verdict, recent: number] {
    const { clock } = this.#ports;
    life.deaths += 1;
    life.diedAt = new Date(clock.now()).toISOString();
    life.error = messageOf(error);
    const now = clock.monotonic();
    const verdict = life.crashes.note(now);
    return [verdict, life.crashes.recent(now)];
  }

  #quarantine(life: Life): void {
    const { telling, clock } = this.#ports;
    const error = life.error ?? '';
    const recent = life.crashes.recent(clock.monotonic());
    life.rest = 'quarantined';
    telling.event(daemonQuarantined, { ...namesOf(life), recent_deaths: recent, error });
    telling.alert({
      key: `daemon:${life.name}:quarantined:${clock.uuid()}`,
      thread: `daemon:${life.name}`,
      severity: 'critical',
      title: `Daemon ${life.name} keeps dying and is quarantined`,
      body: `${recent} deaths in ten minutes, the last: ${error}\n\nIt is plugin ${life.daemon.pluginName}'s and stays down. ${restartHint(life)}`,
    });
  }

  #pause(life: Life, ms: number): void {
    const { clock, signal, onRested } = this.#ports;
    life.rest = 'backing_off';
    life.nextStartAt = new Date(clock.now() + ms).toISOString();
    const pause = clock.sleep(ms, signal).then((rested) => {
      if (this.#pauses.get(life) !== pause) return;
      this.#pauses.delete(life);
      if (rested && life.rest === 'backing_off') onRested(life);
    });
    this.#pauses.set(life, pause);
  }
}

function restartHint({ name }: Life): string {
  return `Mend the cause, then: kora daemon restart ${name}`;
}

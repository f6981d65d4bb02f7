import { Crashes } from '../../daemon/index.ts';
import { messageOf } from '../../fault/index.ts';
import { Contributions } from '../contributions.ts';
import type { Registered } from '../contributions.ts';
import { reasonOf } from '../reason.ts';
import type { PluginReason } from '../reason.ts';
import { standing } from '../residence.ts';
import type { Residence, ResidenceParts } from '../residence.ts';
import type { Meter } from '../usage.ts';
import { guestMeter } from './guest-meter.ts';
import type { PluginUsage } from '../usage.ts';
import { Stay } from './stay.ts';
import type { GuestSettings } from './settings.ts';

/**
 * An untrusted plugin, in a process of its own. What throws in its first start stays down with its reason; a process
 * that dies is started again after a pause, registers again, and is quarantined when it keeps dying.
 */
export class GuestResidence implements Residence {
  readonly isolation = 'process' as const;
  readonly #parts: ResidenceParts;
  readonly #settings: GuestSettings;
  readonly #crashes = new Crashes();
  readonly #leaving = new AbortController();
  readonly #meter: Meter;
  #stay: Stay | undefined;
  #starting: Promise<Stay | PluginReason> | undefined;
  #kept: Promise<void> = Promise.resolve();

  constructor(parts: ResidenceParts, settings: GuestSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#meter = guestMeter(parts);
  }

  get pid(): number | undefined {
    return this.#stay?.pid;
  }

  get registered(): Registered {
    return (this.#stay?.contributions ?? new Contributions()).list();
  }

  usage(): PluginUsage {
    return this.#meter.usage();
  }

  erred(): void {
    this.#meter.erred();
  }

  async load(signal: AbortSignal, turn: Promise<void>): Promise<void> {
    const { resident } = this.#parts;
    if (this.#leaving.signal.aborted) return;
    resident.loading();
    this.#starting = this.#attempt(turn, AbortSignal.any([signal, this.#leaving.signal]));
    const first = await this.#starting;
    if (first instanceof Stay || first.code === 'guest_crashed') this.#kept = this.#keep(first);
    else resident.failed('load', first);
  }

  async unload(): Promise<void> {
    this.#leaving.abort();
    await this.#starting;
    await this.#stay?.end();
    await this.#kept;
  }

  /** One start; answers the stay, or why there is none. */
  async #attempt(turn: Promise<void>, signal: AbortSignal): Promise<Stay | PluginReason> {
    const { row, resident, log } = this.#parts;
    try {
      const stay = await Stay.begin(this.#parts, this.#settings, { turn, signal, meter: this.#meter });
      this.#stay = stay;
      resident.registered(standing(row, stay.contributions), this.registered.daemons.length > 0);
      // Asked to go while it was starting.
      if (this.#leaving.signal.aborted) await stay.end();
      return stay;
    } catch (error) {
      log.error(`plugin ${row.id} did not start`, { error: messageOf(error) });
      return reasonOf(error, 'guest_failed');
    }
  }

  /** Ends when the plugin was asked to go or keeps dying. */
  async #keep(first: Stay | PluginReason): Promise<void> {
    const { resident, clock } = this.#parts;
    let current = first;
    for (;;) {
      const reason = current instanceof Stay ? await current.ended : current;
      this.#stay = undefined;
      if (reason === undefined || this.#leaving.signal.aborted) return;
      const pauseMs = this.#crashes.note(clock.monotonic());
      if (pauseMs === 'quarantine') {
        resident.quarantine({ ...reason, message: `it keeps dying; the last time ${reason.message}` });
        return;
      }
      resident.failed('crash', reason);
      if (!(await clock.sleep(pauseMs, this.#leaving.signal))) return;
      current = await this.#attempt(Promise.resolve(), this.#leaving.signal);
    }
  }
}

import { draft } from '../chain/index.ts';
import type { EventDraft, EventType } from '../chain/index.ts';
import { backoffMs } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';

/** A message to the operator about a daemon; told once for its key. */
export interface DaemonAlert {
  readonly key: string;
  readonly thread: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly body: string;
}

export interface TellingPorts {
  readonly clock: Clock;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  readonly alert: (alert: DaemonAlert) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

interface Waiting {
  readonly event: EventDraft;
  readonly loud: boolean;
}

const retry = { firstMs: 1_000, longestMs: 60_000 };

/**
 * Tells what happens to daemons, behind their backs: no daemon waits until the store has taken the word about another one.
 * Events keep their order; what comes while one statement is under way goes with the next. Loud ones go apart from others,
 * which a store that is away does not take.
 */
export class Telling {
  readonly #ports: TellingPorts;
  readonly #closed = new AbortController();
  readonly #alerts = new Set<Promise<void>>();
  #waiting: Waiting[] = [];
  #recording: Promise<void> | undefined;

  constructor(ports: TellingPorts) {
    this.#ports = ports;
  }

  event<Payload extends Readonly<Record<string, unknown>>>(type: EventType<Payload>, payload: Payload): void {
    this.#waiting.push({ event: draft(type, payload), loud: type.loud === true });
    this.#recording ??= this.#record();
  }

  /** Tries until the message is accepted, or the runtime ends. */
  alert(alert: DaemonAlert): void {
    const telling: Promise<void> = this.#tell(alert).finally(() => this.#alerts.delete(telling));
    this.#alerts.add(telling);
  }

  /** Resolves when all events so far have been recorded, or could not be. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#alerts);
    await this.#recording;
  }

  async #record(): Promise<void> {
    const { record, onError } = this.#ports;
    while (this.#waiting.length > 0) {
      const other = this.#waiting.findIndex(({ loud }) => loud !== this.#waiting[0]?.loud);
      const some = this.#waiting.splice(0, other < 0 ? Infinity : other).map(({ event }) => event);
      // What happened to a daemon is no less true when the store cannot take it.
      await record(some).catch((error: unknown) => onError(some.map(({ type }) => type).join(', '), error));
    }
    this.#recording = undefined;
  }

  async #tell(alert: DaemonAlert): Promise<void> {
    const { clock, onError } = this.#ports;
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#ports.alert(alert);
      } catch (error) {
        onError(`alert ${alert.key}`, error);
      }
      if (!(await clock.sleep(backoffMs(clock, failures, retry), this.#closed.signal))) return;
    }
  }
}

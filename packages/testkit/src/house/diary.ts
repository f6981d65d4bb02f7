import type { FakeClock } from '@kora/runtime/testkit';
import type { PluginLog } from '@kora/runtime/plugin';
import type { Happening, LogLine } from '../contract.ts';

/** What happened, in words, and what the plugin logged. */
export class Diary {
  readonly happenings: Happening[] = [];
  readonly lines: LogLine[] = [];
  /** Millionths of a dollar that calls to models have cost so far. */
  spentMicroUsd = 0;
  readonly #clock: FakeClock;
  readonly #hear: ((happening: Happening) => void) | undefined;

  constructor(clock: FakeClock, hear: ((happening: Happening) => void) | undefined) {
    this.#clock = clock;
    this.#hear = hear;
  }

  readonly log: PluginLog = {
    info: (message, fields) => this.#line('info', message, fields),
    warn: (message, fields) => this.#line('warn', message, fields),
    error: (message, fields) => this.#line('error', message, fields),
  };

  tell(kind: Happening['kind'], text: string): void {
    const happening: Happening = { kind, at: new Date(this.#clock.now()).toISOString(), text };
    this.happenings.push(happening);
    this.#hear?.(happening);
  }

  #line(level: LogLine['level'], message: string, fields: LogLine['fields'] = {}): void {
    this.lines.push({ level, message, fields });
    this.tell('log', `${level} ${message}`);
  }
}

/** `$0.001200`; a decision that called no model cost nothing. */
export function dollars(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(6)}`;
}

import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { capabilityDenied } from './events.ts';

export interface Denial {
  readonly cause: 'capability_denied' | 'capability_unmapped' | 'approval_refused';
  /** Left out when there is none of the name: then the name is a stranger's word, and as long as a flood. */
  readonly capability?: string | undefined;
  readonly caller: string;
  readonly what: string;
  readonly detail: string;
}

export interface DenialsOptions {
  readonly clock: Clock;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

const minuteMs = 60_000;
const mostInAMinute = 1_000;

/** Denials as events: one a minute for each caller, capability and cause. How many there were, the door counts. */
export class Denials {
  readonly #options: DenialsOptions;
  #minute = 0;
  #told = new Set<string>();

  constructor(options: DenialsOptions) {
    this.#options = options;
  }

  /** Records it if it is the first of its kind in this minute. Never rejects: the call was denied either way. */
  async tell({ cause, capability, caller, what, detail }: Denial): Promise<void> {
    const { clock, record, onError } = this.#options;
    const minute = Math.floor(clock.now() / minuteMs);
    if (minute !== this.#minute) this.#told = new Set();
    this.#minute = minute;
    const key = `${caller}\n${capability ?? ''}\n${cause}`;
    if (this.#told.has(key) || this.#told.size >= mostInAMinute) return;
    this.#told.add(key);
    const known = capability === undefined ? {} : { capability };
    await record([draft(capabilityDenied, { cause, ...known, caller, what, detail })]).catch(
      (error: unknown) => onError('capability denial', error),
    );
  }
}

import { requireInstalled } from '../installed.ts';
import { reasonOf } from '../reason.ts';
import { InProcess } from '../residence.ts';
import type { Residence, ResidenceParts } from '../residence.ts';

const never = new AbortController().signal;
const now = Promise.resolve();

/** A guest's residence without the process: its code runs here, and a test says when it dies. */
export class NearResidence implements Residence {
  readonly isolation = 'process' as const;
  readonly #parts: ResidenceParts;
  #inner: InProcess;

  constructor(parts: ResidenceParts) {
    this.#parts = parts;
    this.#inner = new InProcess(parts);
  }

  get pid(): number | undefined {
    const { state } = this.#parts.resident;
    return state === 'loaded' || state === 'proven' ? process.pid : undefined;
  }

  get registered(): Residence['registered'] {
    return this.#inner.registered;
  }

  usage(): ReturnType<Residence['usage']> {
    return this.#inner.usage();
  }

  erred(): void {
    this.#inner.erred();
  }

  load(signal: AbortSignal, _turn: Promise<void>): Promise<void> {
    return this.#inner.load(signal);
  }

  unload(): Promise<void> {
    return this.#inner.unload();
  }

  /** Dies, losing what it registered, and is started again, if what lies there is what was let in. */
  async crash(): Promise<void> {
    const { resident, row } = this.#parts;
    await this.#inner.unload();
    resident.failed('crash', { code: 'guest_crashed', message: 'its process ended' });
    try {
      await requireInstalled(row);
    } catch (error) {
      resident.failed('crash', reasonOf(error, 'guest_failed'));
      return;
    }
    this.#inner = new InProcess(this.#parts);
    await this.#inner.load(never);
    await now;
  }
}

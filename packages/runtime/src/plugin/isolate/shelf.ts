import { fault } from '../../fault/index.ts';

type GuestFunction = (args: unknown, signal: AbortSignal) => Promise<unknown>;

/** The guest's functions by handle: what stays in its process while its data crosses to the host. */
export class Shelf {
  readonly #objects = new Map<number, Readonly<Record<string, GuestFunction>>>();
  #last = 0;

  /** Keeps the functions of one registration; the handle is how the host asks for them. */
  keep(functions: Readonly<Record<string, GuestFunction>>): number {
    this.#last += 1;
    this.#objects.set(this.#last, functions);
    return this.#last;
  }

  forget(handle: number): void {
    this.#objects.delete(handle);
  }

  async call(handle: number, member: string, args: unknown, signal: AbortSignal): Promise<unknown> {
    const found = this.#objects.get(handle)?.[member];
    if (found === undefined) throw fault('KORA_PLUGIN_GONE', `${member} was taken back`);
    return found(args, signal);
  }
}

import { fault } from '@kora/runtime/testkit';
import type { Registration } from '@kora/runtime/plugin';

type FaultCode = Parameters<typeof fault>[0];

/** What is registered of one kind, by name. */
export class Named<T> {
  readonly #kind: string;
  readonly #taken: FaultCode;
  readonly #held = new Map<string, T>();

  constructor(kind: string, taken: FaultCode) {
    this.#kind = kind;
    this.#taken = taken;
  }

  /** Throws the code of a name that is taken. */
  hold(name: string, value: T): Registration {
    if (this.#held.has(name)) throw fault(this.#taken, `${this.#kind} ${name} is registered already`);
    this.#held.set(name, value);
    return {
      dispose: () => {
        if (this.#held.get(name) === value) this.#held.delete(name);
        return Promise.resolve();
      },
    };
  }

  get(name: string): T | undefined {
    return this.#held.get(name);
  }

  names(): readonly string[] {
    return [...this.#held.keys()];
  }

  list(): readonly T[] {
    return [...this.#held.values()];
  }
}

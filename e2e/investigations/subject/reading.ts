/** What was read of a world in one run, in the order in which it was first read. */
export class Reading {
  readonly #read = new Set<string>();

  add(id: string): void {
    this.#read.add(id);
  }

  get ids(): string[] {
    return [...this.#read];
  }

  /** A copy whose fields, all but those by which one is told from the others, count as read when they are looked at. */
  watch<T extends object>(thing: T, id: string, open: readonly (keyof T)[]): T {
    const watched = {} as T;
    for (const key of Object.keys(thing) as (keyof T)[])
      Object.defineProperty(watched, key, {
        enumerable: true,
        get: () => {
          if (!open.includes(key)) this.add(id);
          return thing[key];
        },
      });
    return watched;
  }
}

import type { WholeWorld } from './world.ts';

/** Every id that can be cited of a world, with its time; null for what is true now. */
export class Evidence {
  readonly #plain = new Map<string, number | null>();
  readonly #points = new Map<string, Set<number>>();
  readonly #world: WholeWorld;

  constructor(world: WholeWorld) {
    this.#world = world;
    const { certificates, changes, entities, incidents, looks, memories, series } = world;
    for (const { id } of [...entities, ...certificates, ...memories]) this.#plain.set(id, null);
    for (const { id, at } of changes) this.#plain.set(id, at);
    for (const { incidentId, openedAt } of incidents)
      this.#plain.set(`incident:${incidentId}`, Date.parse(openedAt));
    for (const [probe, list] of Object.entries(looks))
      this.#points.set(`look:${probe}`, new Set(list.map(({ at }) => at)));
    for (const { id, points } of series) this.#points.set(id, new Set(points.map(([at]) => at)));
  }

  /** When what an id names was so: null for what is true now, undefined when there is no such thing. */
  timeOf(id: string): number | null | undefined {
    if (this.#plain.has(id)) return this.#plain.get(id);
    if (this.#points.has(id)) return null;
    const at = id.lastIndexOf('@');
    if (at > 0) return this.#timeOfPoint(id.slice(0, at), Date.parse(id.slice(at + 1)));
    const hash = id.lastIndexOf('#');
    return hash > 0 ? this.#timeOfLine(id.slice(0, hash), Number(id.slice(hash + 1))) : undefined;
  }

  /** What has to have been looked at for this id to be known: a gauge or a probe for a point of it. */
  sourceOf(id: string): string {
    const at = id.lastIndexOf('@');
    return at > 0 && this.#points.has(id.slice(0, at)) ? id.slice(0, at) : id;
  }

  #timeOfPoint(source: string, at: number): number | undefined {
    return this.#points.get(source)?.has(at) === true ? at : undefined;
  }

  #timeOfLine(log: string, number: number): number | null | undefined {
    const first = this.#world.logs.find(({ id }) => id === log)?.firstLine;
    const lines = this.#world.lines[log];
    if (first === undefined || lines === undefined || !Number.isInteger(number)) return undefined;
    if (lines[number - first] === undefined) return undefined;
    for (let n = number - first; n >= 0; n -= 1) {
      const at = lines[n]?.[0] ?? null;
      if (at !== null) return at;
    }
    return null;
  }
}

import type { ReasonRoute } from '../route/contract.ts';
import { fewestOffered, isOfFloor } from './floor.ts';

/**
 * Which tools are not offered where, because nobody used them there. It holds for whoever thinks, whatever was granted; what
 * is not offered cannot be called. The floor stays, and so do so many that there is something to think with.
 */
export class Trims {
  #without: ReadonlyMap<ReasonRoute, ReadonlySet<string>> = new Map();

  /** All that is in force: runs that begin from now on are offered the rest. */
  take(without: ReadonlyMap<ReasonRoute, ReadonlySet<string>>): void {
    this.#without = without;
  }

  /** What was trimmed on a route, whether or not it is there. */
  of(route: ReasonRoute): ReadonlySet<string> {
    return this.#without.get(route) ?? new Set();
  }

  /** What is left of the tools that a run could be offered, in their order. */
  rest<Tool extends { readonly name: string }>(route: ReasonRoute, tools: readonly Tool[]): readonly Tool[] {
    return restOf(route, tools, this.of(route));
  }
}

/** What is left of tools without those; of those that may go, the first by name come back where too few would be left. */
export function restOf<Tool extends { readonly name: string }>(
  route: ReasonRoute,
  tools: readonly Tool[],
  without: ReadonlySet<string>,
): readonly Tool[] {
  const gone = tools.filter(({ name }) => without.has(name) && !isOfFloor(route, name));
  const missing = Math.max(0, fewestOffered - (tools.length - gone.length));
  const trimmed = new Set(gone.map(({ name }) => name).slice(missing));
  return trimmed.size === 0 ? tools : tools.filter(({ name }) => !trimmed.has(name));
}

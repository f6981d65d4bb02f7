/** What each probe needs, by name. */
export type Needs = (probe: string) => readonly string[];

/** Everything a probe needs, directly or not, nearest first. */
export function ancestorsOf(probe: string, needs: Needs): string[] {
  const found = new Set<string>();
  let layer = needs(probe);
  while (layer.length > 0) {
    const next = layer.filter((name) => name !== probe && !found.has(name));
    for (const name of next) found.add(name);
    layer = [...new Set(next.flatMap((name) => needs(name)))];
  }
  return [...found];
}

/** The way from a probe back to itself, or null when what it needs does not need it. */
export function cycleFrom(probe: string, needs: Needs): readonly string[] | null {
  const seen = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | null => {
    for (const next of needs(name)) {
      if (next === probe) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(probe, [probe]);
}

/** Every probe that needs this one, directly or not. */
export function descendantsOf(probe: string, all: readonly string[], needs: Needs): string[] {
  return all.filter((name) => name !== probe && ancestorsOf(name, needs).includes(probe));
}

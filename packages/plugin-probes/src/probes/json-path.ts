const step = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\["([^"]+)"\]/y;

/** The steps of `a.b[0]["c d"]`, with `$` or `$.` before it or without; undefined when it is none. */
export function stepsOf(path: string): readonly (string | number)[] | undefined {
  const bare = path.replace(/^\$\.?/, '');
  const steps: (string | number)[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < bare.length) {
    const found = step.exec(bare);
    if (found === null) return undefined;
    const [, name, index, quoted] = found;
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return steps;
}

/** What stands at a path of a JSON document; undefined where nothing does. */
export function valueAt(document: unknown, path: string): unknown {
  let here = document;
  for (const key of stepsOf(path) ?? [path]) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[key];
  }
  return here;
}

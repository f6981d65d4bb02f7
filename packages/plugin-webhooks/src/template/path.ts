/** A place in what came: in its body, or one of its headers that are kept. */
export interface Place {
  readonly root: 'body' | 'header';
  readonly steps: readonly (string | number)[];
  /** As it was written. */
  readonly path: string;
}

/** What a webhook said: its body as JSON, and of its headers those that are kept, by their names in lower case. */
export interface Said {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const step = /\.([^.[\]{}|"\s]+)|\[(\d{1,6})\]|\["([^"]{1,200})"\]/y;
const header = /^header\.([a-z0-9][a-z0-9-]{0,99})$/;

/** Reads `body.issue.labels[0]["the name"]` or `header.x-github-event`; undefined when it is neither. */
export function placeOf(path: string): Place | undefined {
  const [, name] = header.exec(path) ?? [];
  if (name !== undefined) return { root: 'header', steps: [name], path };
  if (!/^body(?![^.[])/.test(path)) return undefined;
  const steps: (string | number)[] = [];
  step.lastIndex = 'body'.length;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) return undefined;
    const [, key, index, quoted] = found;
    steps.push(index === undefined ? (key ?? quoted ?? '') : Number(index));
  }
  return { root: 'body', steps, path };
}

/** What stands there; undefined where nothing does. Only what was sent counts, nothing that objects inherit. */
export function valueAt({ root, steps }: Place, said: Said): unknown {
  let here: unknown = root === 'body' ? said.body : said.headers;
  for (const key of steps) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[key];
  }
  return here;
}

/** A value that a field of the snapshot can hold. */
export type Scalar = string | number | boolean;

/** Fields of an answer that are looked at, at most, and how deep. */
const mostFields = 32;
const deepest = 4;
/** A longer text is no value but prose. */
const longestText = 120;

/**
 * The scalar fields of what a tool answered, by dotted path; the answer itself has the path ''. Of a list, how many it
 * has (`tickets.length`): where something stands in it is chance. Nothing of an answer that is no JSON, that was cut, or that holds words of strangers.
 */
export function scalarsOf(answer: string): ReadonlyMap<string, Scalar> {
  const found = new Map<string, Scalar>();
  if (answer.includes('<untrusted ')) return found;
  collect(parsed(answer), '', { found, depth: 0 });
  return found;
}

/** Whether a text says the value, as a word of its own. */
export function says(text: string, value: Scalar): boolean {
  const word = String(value);
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + word.length] ?? ' '];
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    // Prose, or cut: there is no field in it that could be picked again.
    return undefined;
  }
}

function collect(
  value: unknown,
  path: string,
  into: { readonly found: Map<string, Scalar>; readonly depth: number },
): void {
  const { found, depth } = into;
  if (found.size >= mostFields) return;
  if (isScalar(value)) found.set(path, value);
  if (Array.isArray(value)) found.set(path === '' ? 'length' : `${path}.length`, value.length);
  if (value === null || typeof value !== 'object' || Array.isArray(value) || depth >= deepest) return;
  for (const [key, each] of Object.entries(value)) {
    // A dot in a name would read as two names.
    if (/^[\w-]{1,64}$/.test(key))
      collect(each, path === '' ? key : `${path}.${key}`, { found, depth: depth + 1 });
  }
}

function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.length > 0 && value.length <= longestText;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

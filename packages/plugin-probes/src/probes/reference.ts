import { readFile } from 'node:fs/promises';

/** `env:NAME` or `file:/path`: where a secret is, so that it need not stand in a configuration. */
export const referenceForm = /^(?:env:[A-Za-z_]\w*|file:\S.*)$/;

/** A header that carries a secret by its name. */
const secretHeader =
  /^(?:proxy-)?authorization$|cookie|token|secret|passw(?:or)?d|(?:api|auth|access|private)-?key/i;
const behindWords = /^(.*\s)?((?:env|file):\S+)$/s;

/** Whether a header's value may not stand in a configuration: it is a secret by its name, and no reference. */
export function isBareSecret(name: string, value: string): boolean {
  return secretHeader.test(name) && !behindWords.test(value);
}

/** What references stand for, once they were followed, and the secrets among it. */
export interface Resolved {
  readonly password: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

interface Wanted {
  readonly password?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Follows every reference, each time anew: a secret that is rotated is the new one at the next look. */
export async function resolved(wanted: Wanted): Promise<Resolved | { readonly unreadable: string }> {
  const secrets: string[] = [];
  let missing: string | undefined;
  const follow = async (reference: string): Promise<string> => {
    const secret = await secretAt(reference);
    if (secret === '') missing ??= reference;
    secrets.push(secret);
    return secret;
  };
  const password = wanted.password === undefined ? undefined : await follow(wanted.password);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    const [, words = '', reference] = behindWords.exec(value) ?? [];
    headers[name] = reference === undefined ? value : `${words}${await follow(reference)}`;
  }
  if (missing !== undefined) return { unreadable: `${missing} is not said, empty or cannot be read` };
  return { password, headers, secrets };
}

/** The text of a secret; empty when nobody has said it. */
async function secretAt(reference: string): Promise<string> {
  const [, scheme, place = ''] = /^(env|file):(.*)$/s.exec(reference) ?? [];
  if (scheme === 'env') return process.env[place]?.trim() ?? '';
  try {
    return (await readFile(place, 'utf8')).trim();
  } catch {
    return '';
  }
}

import { Scrubber } from './chain/index.ts';
import type { LoadedConfiguration } from './config/index.ts';

/**
 * What this process knows and no event and no line of the log may say. It only grows: a secret that was changed is still
 * one.
 */
export class KnownSecrets {
  #secrets: readonly string[] = [];
  readonly #scrubber = new Scrubber(() => this.#secrets);

  /** The same array as long as nothing came: whoever searches for them prepares once. */
  list(): readonly string[] {
    return this.#secrets;
  }

  add(...secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret !== '' && !this.#secrets.includes(secret));
    if (fresh.length > 0) this.#secrets = [...this.#secrets, ...new Set(fresh)];
  }

  /** A text without them, as it may be written down. */
  scrub(text: string): string {
    return this.#scrubber.text(text);
  }
}

/** Those of the configuration: the passwords in its database URLs and the key of its checkpoints. */
export function configuredSecrets(configuration: LoadedConfiguration): readonly string[] {
  const { databaseUrl, migrationUrl, checkpointKey } = configuration;
  const passwords = [databaseUrl, migrationUrl].flatMap((url) => {
    const password = url === undefined || !URL.canParse(url) ? '' : new URL(url).password;
    return password === '' ? [] : [password, decoded(password)];
  });
  return [...passwords, ...(checkpointKey === undefined ? [] : [checkpointKey])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no escapes, as of a password with a bare percent sign
  }
}

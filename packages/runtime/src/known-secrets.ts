import { Scrubber } from './chain/index.ts';
import type { LoadedConfiguration } from './config/index.ts';

/** What a secret is for: all that a line of the log says of it. */
export type SecretKind =
  | 'api-token'
  | 'checkpoint-key'
  | 'database-password'
  | 'dead-man-url'
  | 'plugin-secret';

/**
 * What this process knows and no event and no line of the log may say. It only grows: a secret that was changed is still
 * one.
 */
export class KnownSecrets {
  #secrets: readonly string[] = [];
  readonly #kinds = new Map<string, SecretKind>();
  readonly #scrubber = new Scrubber(
    () => this.#secrets,
    (secret) => `[redacted:${this.#kinds.get(secret) ?? 'secret'}]`,
  );

  /** The same array as long as nothing came: whoever searches for them prepares once. */
  list(): readonly string[] {
    return this.#secrets;
  }

  /** What is known already keeps the kind that it had. */
  add(kind: SecretKind, ...secrets: readonly string[]): void {
    const fresh = secrets.filter((secret) => secret !== '' && !this.#secrets.includes(secret));
    for (const secret of fresh) this.#kinds.set(secret, kind);
    if (fresh.length > 0) this.#secrets = [...this.#secrets, ...new Set(fresh)];
  }

  /** A text without them, as it may be written down: `[redacted:database-password]` says what stood there. */
  scrub(text: string): string {
    return this.#scrubber.text(text);
  }
}

/** Adds those of the configuration: the passwords in its database URLs and the key of its checkpoints. */
export function addConfigured(
  secrets: KnownSecrets,
  configuration: Pick<LoadedConfiguration, 'databaseUrl' | 'migrationUrl' | 'checkpointKey'>,
): void {
  const { databaseUrl, migrationUrl, checkpointKey } = configuration;
  for (const url of [databaseUrl, migrationUrl])
    for (const password of passwordsIn(url ?? ''))
      secrets.add('database-password', password, decoded(password));
  secrets.add('checkpoint-key', checkpointKey ?? '');
}

/** Read by hand: an address without a host, as of a socket, is a good one and none to `URL`. */
function passwordsIn(url: string): readonly string[] {
  // As the driver reads it: what stands before the last @ of the authority, with whatever @ and : it has itself.
  const [, own = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^:@/?#]*:([^/?#]*)@/i.exec(url) ?? [];
  const [, asked = ''] = /[?&]password=([^&#]*)/.exec(url) ?? [];
  return [own, asked].filter((password) => password !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no escapes, as of a password with a bare percent sign
  }
}

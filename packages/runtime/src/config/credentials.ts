/** One secret that lets the runtime in somewhere, and the places where it may be said. */
export interface Credential {
  /** Who takes it. Two rows of one provider are two ways in, of which only one may be set. */
  readonly provider: string;
  /** Where a configuration says it. */
  readonly key: string;
  /** The variable that holds it; with `_FILE` behind the name, the file that does. */
  readonly variable: string;
}

/** Every credential that the configuration knows; the one rule below is the only one there is. */
export const credentials: readonly Credential[] = [
  { provider: 'database', key: 'store.url', variable: 'KORA_DATABASE_URL' },
  { provider: 'database owner', key: 'store.migrationUrl', variable: 'KORA_DATABASE_MIGRATION_URL' },
  { provider: 'checkpoints', key: 'chain.checkpoint.key', variable: 'KORA_CHECKPOINT_KEY' },
];

/** Where the credential of a provider comes from: more than one name is a contradiction. */
export interface CredentialSource {
  readonly provider: string;
  readonly names: readonly string[];
}

/**
 * What is set, provider by provider. A variable wins over the same key of a file, which is no contradiction; a variable
 * beside the file that another variable names is one, and so are two ways in to one provider. Names only, never values.
 */
export function credentialSources(
  table: readonly Credential[],
  set: { readonly variable: (name: string) => boolean; readonly key: (path: string) => boolean },
): CredentialSource[] {
  const byProvider = new Map<string, string[]>();
  for (const { provider, key, variable } of table) {
    const variables = [variable, `${variable}_FILE`].filter(set.variable);
    const names = variables.length > 0 ? variables : [key].filter(set.key);
    byProvider.set(provider, [...(byProvider.get(provider) ?? []), ...names]);
  }
  return [...byProvider].flatMap(([provider, names]) => (names.length === 0 ? [] : [{ provider, names }]));
}

/** The first provider with two credentials, in one sentence that names both; undefined when there is none. */
export function contradiction(sources: readonly CredentialSource[]): string | undefined {
  const found = sources.find(({ names }) => names.length > 1);
  return found && `${found.names.join(' and ')} are both set: two credentials for one ${found.provider}`;
}

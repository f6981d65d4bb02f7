import type { Ground } from './ground.ts';

/** What this process knows and no event may say: the API's token, the passwords in its database URLs, the key of its checkpoints. */
export function knownSecrets({ home, configuration }: Ground): readonly string[] {
  const { databaseUrl, migrationUrl, checkpointKey } = configuration;
  const passwords = [databaseUrl, migrationUrl].flatMap((url) => {
    const password = url === undefined || !URL.canParse(url) ? '' : new URL(url).password;
    return password === '' ? [] : [password, decoded(password)];
  });
  return [home.token, ...passwords, ...(checkpointKey === undefined ? [] : [checkpointKey])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no escapes, as of a password with a bare percent sign
  }
}

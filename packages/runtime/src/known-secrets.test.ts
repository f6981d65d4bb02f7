import { expect, test } from 'vitest';
import { addConfigured, KnownSecrets } from './known-secrets.ts';

const none = { databaseUrl: undefined, migrationUrl: undefined, checkpointKey: undefined };

function known(part: Partial<Record<keyof typeof none, string>>): KnownSecrets {
  const secrets = new KnownSecrets();
  addConfigured(secrets, { ...none, ...part });
  return secrets;
}

test.each([
  ['postgres://kora:open%20sesame@db.example/kora', 'open sesame'],
  ['postgres://kora:open%20sesame@db.example/kora', 'open%20sesame'],
  // Neither is escaped, and the driver takes it: what stands before the last @ is the password.
  ['postgres://kora:open@the:sesame@db.example/kora', 'open@the:sesame'],
  // Over a socket: an address without a host.
  ['postgres://kora:open-sesame@/kora?host=%2Fvar%2Frun', 'open-sesame'],
  ['postgres://db.example/kora?user=kora&password=open-sesame', 'open-sesame'],
])('the password of %s is known as %s', (databaseUrl, password) => {
  const said = known({ databaseUrl }).scrub(`it refused ${password}.`);
  expect(said).toBe('it refused [redacted:database-password].');
});

test('a secret is told by its kind, the first that it had, and a text without one stays as it is', () => {
  const secrets = known({ checkpointKey: 'PRIVATE+KEY+of-the-test' });
  secrets.add('api-token', 'kora_of-the-test', 'PRIVATE+KEY+of-the-test');
  expect(secrets.scrub('kora_of-the-test and PRIVATE+KEY+of-the-test')).toBe(
    '[redacted:api-token] and [redacted:checkpoint-key]',
  );
  expect(secrets.scrub('nothing of it')).toBe('nothing of it');
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfiguration } from './load.ts';
import { operatorVariables } from './operator-variables.ts';

test.each([
  [{}, undefined],
  [{ KORA_OPERATOR_SLACK_USER_ID: 'U0NEW' }, 'U0NEW'],
  [{ KORA_SLACK_JOSHUA_USER_ID: 'U0OLD' }, 'U0OLD'],
  [{ KORA_OPERATOR_SLACK_USER_ID: 'U0NEW', KORA_SLACK_JOSHUA_USER_ID: 'U0OLD' }, 'U0NEW'],
])('%j names %s', (environment, operatorUserId) => {
  const slack = { operatorUserId };
  const said = operatorUserId === undefined ? {} : { plugins: { config: { slack } } };
  expect(operatorVariables(environment)).toEqual(said);
});

test('a mail address is that of the mail plugin, beside who it is at Slack', () => {
  const email = { operator: 'joe@example.org' };
  expect(operatorVariables({ KORA_OPERATOR_EMAIL: 'joe@example.org' })).toEqual({
    plugins: { config: { email } },
  });
  expect(
    operatorVariables({ KORA_OPERATOR_EMAIL: 'joe@example.org', KORA_OPERATOR_SLACK_USER_ID: 'U0NEW' }),
  ).toEqual({ plugins: { config: { slack: { operatorUserId: 'U0NEW' }, email } } });
});

test("the home's .env says it too, and over what kora.json says; what else is there stays", async () => {
  const home = await mkdtemp(join(tmpdir(), 'kora-operator-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const block = { operatorUserId: 'U0FILE', longestText: 4_000 };
  await writeFile(join(home, 'kora.json'), JSON.stringify({ plugins: { config: { slack: block } } }));
  await writeFile(join(home, '.env'), 'KORA_OPERATOR_SLACK_USER_ID=U0HOME\n');
  const { config } = await loadConfiguration({ home, cwd: home, env: {}, flags: {} });
  expect(config.plugins.config['slack']).toEqual({ operatorUserId: 'U0HOME', longestText: 4_000 });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contradiction, credentials, credentialSources } from './credentials.ts';
import type { Credential } from './credentials.ts';

const model: readonly Credential[] = [
  { provider: 'model', key: 'model.apiKey', variable: 'X_API_KEY' },
  { provider: 'model', key: 'model.token', variable: 'X_TOKEN' },
  { provider: 'chat', key: 'chat.token', variable: 'Y_TOKEN' },
];

function saidBy(table: readonly Credential[], ...names: readonly string[]): string | undefined {
  const set = (name: string): boolean => names.includes(name);
  return contradiction(credentialSources(table, { variable: set, key: set }));
}

test.each([
  ['nothing', []],
  ['one variable', ['X_API_KEY']],
  ['the file of a variable', ['X_TOKEN_FILE']],
  ['a variable over the key of the file', ['X_API_KEY', 'model.apiKey']],
  ['one each of two providers', ['X_TOKEN', 'Y_TOKEN_FILE']],
])('%s is one credential a provider (defect 11)', (_, names) => {
  expect(saidBy(model, ...names)).toBeUndefined();
});

test.each([
  [
    ['X_API_KEY', 'X_API_KEY_FILE'],
    'X_API_KEY and X_API_KEY_FILE are both set: two credentials for one model',
  ],
  [['X_API_KEY', 'X_TOKEN'], 'X_API_KEY and X_TOKEN are both set: two credentials for one model'],
  [['X_TOKEN', 'model.apiKey'], 'model.apiKey and X_TOKEN are both set: two credentials for one model'],
  [
    ['model.token', 'model.apiKey'],
    'model.apiKey and model.token are both set: two credentials for one model',
  ],
])('%j are refused, and both are named (defect 11)', (names, said) => {
  expect(saidBy(model, ...names)).toBe(said);
});

test('no set of one credential a provider is refused, and no provider needs what another forbids (defect 11)', () => {
  const providers = [...new Set(credentials.map(({ provider }) => provider))];
  const one = providers.map((provider) => {
    const rows = credentials.filter((row) => row.provider === provider);
    const ways = rows.flatMap(({ variable, key }) => [variable, `${variable}_FILE`, key]);
    return fc.option(fc.constantFrom(...ways), { nil: undefined });
  });
  fc.assert(
    fc.property(fc.tuple(...one), (names) => {
      expect(saidBy(credentials, ...names.filter((name) => name !== undefined))).toBeUndefined();
    }),
  );
});

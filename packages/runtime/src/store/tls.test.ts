import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { secured } from './tls.ts';

const url = 'postgres://u:p@h/x';

test('a URL that says nothing of TLS stays as it is, with no encryption asked for', () => {
  expect(secured(`${url}?application_name=a`)).toEqual({ connectionString: `${url}?application_name=a` });
});

test('what the URL says of TLS is taken out of it: the driver gives it another meaning', () => {
  const { connectionString, ssl } = secured(`${url}?sslmode=require&host=%2Frun%2Fpg`);
  expect(connectionString).toBe(`${url}?host=%2Frun%2Fpg`);
  expect(ssl).toMatchObject({ rejectUnauthorized: false });
});

test.each([
  ['disable', false],
  ['require', { rejectUnauthorized: false }],
  ['verify-ca', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) as unknown }],
  ['verify-full', { rejectUnauthorized: true }],
])('sslmode=%s means what it means to every other client', (mode, ssl) => {
  expect(secured(`${url}?sslmode=${mode}`)).toMatchObject({ ssl });
});

test.each([
  ['ssl=true', { rejectUnauthorized: true }],
  ['ssl=no-verify', { rejectUnauthorized: false }],
])('the older word %s is understood', (query, ssl) => {
  expect(secured(`${url}?${query}`).ssl).toEqual(expect.objectContaining(ssl));
});

test.each(['prefer', 'allow', 'no'])('sslmode=%s is refused, naming what to say, without the URL', (mode) => {
  expect(() => secured(`${url}?sslmode=${mode}`)).toThrow(
    expect.objectContaining({
      code: 'KORA_CONFIG_INVALID',
      message: expect.not.stringContaining('u:p') as unknown,
    }),
  );
});

test('the configuration wins over the URL, and its files are read', () => {
  const folder = testFolder();
  const files = Object.fromEntries(['ca', 'cert', 'key'].map((name) => [`${name}File`, join(folder, name)]));
  for (const [name, file] of Object.entries(files)) writeFileSync(file, name);
  const { connectionString, ssl } = secured(`${url}?sslmode=disable`, { mode: 'verify-full', ...files });
  expect(connectionString).toBe(url);
  expect(ssl).toEqual({ rejectUnauthorized: true, ca: 'caFile', cert: 'certFile', key: 'keyFile' });
});

test('a file that is not there is named with its key', () => {
  expect(() => secured(url, { mode: 'require', caFile: '/nowhere/ca.pem' })).toThrow(
    expect.objectContaining({
      code: 'KORA_CONFIG_UNREADABLE',
      message: expect.stringContaining('store.tls.caFile') as unknown,
    }),
  );
});

test('another name than the host’s is looked for where one is configured', () => {
  const { ssl } = secured(url, { mode: 'verify-full', serverName: 'db.example' });
  const check = ssl === undefined || ssl === false ? undefined : ssl.checkServerIdentity;
  const certificate = { subject: { CN: 'x' }, subjectaltname: 'DNS:db.example' } as never;
  expect(check?.('h', certificate)).toBeUndefined();
  expect(check?.('h', { subject: { CN: 'x' }, subjectaltname: 'DNS:h' } as never)).toBeInstanceOf(Error);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isBareSecret, resolved } from './reference.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kora-reference-'));
  vi.stubEnv('SHOP_TOKEN', 'tok3n');
  vi.stubEnv('SHOP_EMPTY', ' ');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('a reference', () => {
  it('stands for what a variable or a file holds, behind words or alone, and leaves what is plain', async () => {
    const path = join(folder, 'password');
    await writeFile(path, 's3cret\n');
    const headers = { Authorization: 'Bearer env:SHOP_TOKEN', 'X-Key': `file:${path}`, Accept: 'text/env:x' };
    expect(await resolved({ password: `file:${path}`, headers })).toEqual({
      password: 's3cret',
      headers: { Authorization: 'Bearer tok3n', 'X-Key': 's3cret', Accept: 'text/env:x' },
      secrets: ['s3cret', 'tok3n', 's3cret'],
    });
  });

  it('is followed each time: a secret that is rotated is the new one at the next look', async () => {
    const path = join(folder, 'rotated');
    for (const password of ['first', 'second']) {
      await writeFile(path, password);
      expect(await resolved({ password: `file:${path}` })).toMatchObject({ password });
    }
  });

  it.each(['env:SHOP_NOT_SAID', 'env:SHOP_EMPTY', 'file:/nonexistent/password'])(
    'is named when nothing stands behind it: %s',
    async (password) => {
      expect(await resolved({ password })).toEqual({
        unreadable: `${password} is not said, empty or cannot be read`,
      });
    },
  );
});

it.each([
  ['Authorization', 'Bearer abc', true],
  ['authorization', 'Bearer env:NAME', false],
  ['Cookie', 'sid=1', true],
  ['X-Api-Key', 'abc', true],
  ['X-Api-Key', 'file:/run/secrets/key', false],
  ['Accept', 'text/html', false],
  ['X-Shard', '3', false],
])('of header %s: %s it is %s that it may not stand in a configuration', (name, value, is) => {
  expect(isBareSecret(name, value)).toBe(is);
});

import { expect, test } from 'vitest';
import { userFor } from './account.ts';

test('no two plugins of this process are one user, whatever their names come to, and each stays who it is', () => {
  const people = new Set([61_200]);
  const users = Array.from({ length: 300 }, (_, at) => userFor('/home/one', `plugin-${at}`, people));
  expect(new Set(users).size).toBe(300);
  expect(users).not.toContain(61_200);
  expect(userFor('/home/one', 'plugin-7', people)).toBe(users[7]);
  expect(userFor('/home/two', 'plugin-7', people)).not.toBe(users[7]);
});

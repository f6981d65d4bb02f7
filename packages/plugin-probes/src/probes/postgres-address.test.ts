import { expect, it } from 'vitest';
import { postgresAddress } from './postgres-address.ts';

it.each([
  ['postgres://kora@db.example/orders', 'db.example', 5432, false, 'db.example/orders'],
  ['postgres://kora@db.example:6432/orders', 'db.example', 6432, false, 'db.example:6432/orders'],
  ['postgres://kora@[::1]:5433/orders', '::1', 5433, false, '[::1]:5433/orders'],
  ['postgres://kora@%2Frun%2Fpostgresql/orders', '/run/postgresql', 5432, true, '/run/postgresql/orders'],
])('%s is asked at %s, port %i', (url, host, port, isSocket, shown) => {
  const address = postgresAddress(url);
  expect(address).toEqual({ host, port, isSocket, shown, user: 'kora', database: 'orders' });
});

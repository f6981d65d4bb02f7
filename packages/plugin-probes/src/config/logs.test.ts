import { expect, it } from 'vitest';
import { configSchema } from '../config.ts';

const shop = { kind: 'http', name: 'shop', url: 'http://127.0.0.1:4100/health' };
const parse = (...logs: unknown[]) => configSchema.safeParse({ probes: [shop], logs });

it('takes log files of probes that there are, also of those that are built in', () => {
  const logs = [
    { probe: 'shop', path: '/var/log/shop.log' },
    { probe: 'shop', path: '/var/log/shop-access.log', name: 'access' },
    { probe: 'memory', path: '/var/log/syslog' },
  ];
  expect(parse(...logs).data?.logs).toEqual(logs);
});

it.each([
  ['of a probe that there is not', [{ probe: 'shopp', path: '/a' }], 'there is no probe "shopp"'],
  ['by half a path', [{ probe: 'shop', path: 'logs/shop.log' }], 'must be the whole path of a file'],
  ['twice under one name', ['/a', '/b'].map((path) => ({ probe: 'shop', path })), '"shop" is there twice'],
])('refuses a log %s', (_, logs, why) => {
  expect(parse(...logs).error?.message).toContain(why.replaceAll('"', '\\"'));
});

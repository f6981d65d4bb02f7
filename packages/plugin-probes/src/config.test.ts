import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';

const problems = (given: unknown): string[] => {
  const parsed = configSchema.safeParse(given);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const probes = (...given: Record<string, unknown>[]): string[] => problems({ probes: given });

describe('the configuration', () => {
  it('is complete without a word', () => {
    expect(configSchema.parse({})).toEqual({
      probes: [],
      builtin: true,
      perHost: 4,
      debounceSeconds: 600,
      debounceBypassCritical: false,
      investigation: { model: true, budgetUsd: 0.1, seconds: 60, softPerHour: 20, hardPerHour: 40 },
      canary: { enabled: true, cron: '33 5 * * *' },
      fixes: [],
      logs: [],
    });
  });

  it('fills in what each kind needs', () => {
    const given = [
      { kind: 'http', name: 'shop', url: 'http://127.0.0.1:4100/health' },
      { kind: 'tcp', name: 'db', host: 'db.internal', port: 5432 },
      { kind: 'disk', name: 'data', path: '/data' },
      { kind: 'memory', name: 'ram' },
      { kind: 'process', name: 'worker', match: 'worker.js' },
    ];
    expect(configSchema.parse({ probes: given }).probes).toEqual([
      {
        ...given[0],
        everyMs: 30_000,
        timeoutMs: 10_000,
        method: 'GET',
        expectStatus: '200-399',
        certificateDays: 14,
        headers: {},
      },
      { ...given[1], everyMs: 30_000, timeoutMs: 10_000 },
      { ...given[2], everyMs: 60_000, timeoutMs: 10_000, degradedPercent: 85, unhealthyPercent: 95 },
      {
        ...given[3],
        everyMs: 30_000,
        timeoutMs: 10_000,
        degradedAvailablePercent: 10,
        unhealthyAvailablePercent: 5,
      },
      { ...given[4], everyMs: 30_000, timeoutMs: 10_000, atLeast: 1 },
    ]);
  });

  it('refuses a key it does not know, at every level', () => {
    expect(problems({ prob: [] })).toEqual([': Unrecognized key: "prob"']);
    expect(probes({ kind: 'tcp', name: 'db', host: 'a', port: 1, prot: 'x' })).toEqual([
      'probes.0: Unrecognized key: "prot"',
    ]);
  });

  it.each([
    [
      { kind: 'http', name: 'a', url: 'ftp://x' },
      'probes.0.url: must be a URL that begins with http:// or https://',
    ],
    [
      { kind: 'http', name: 'a', url: 'x' },
      'probes.0.url: must be a URL that begins with http:// or https://',
    ],
    [
      { kind: 'http', name: 'A b', url: 'http://x' },
      'probes.0.name: must be 1 to 64 of a-z, 0-9, _ . - and begin with a letter',
    ],
    [
      { kind: 'tcp', name: 'a', host: 'tcp://x', port: 1 },
      'probes.0.host: must be a host name or an address, without scheme or path',
    ],
    [
      { kind: 'disk', name: 'a', path: '/', degradedPercent: 96 },
      'probes.0.degradedPercent: must not be above unhealthyPercent',
    ],
    [
      { kind: 'memory', name: 'a', degradedAvailablePercent: 1 },
      'probes.0.degradedAvailablePercent: must not be below unhealthyAvailablePercent',
    ],
    [{ kind: 'process', name: 'a' }, 'probes.0.match: match or pidFile is needed'],
    [
      { kind: 'http', name: 'a', url: 'http://x', bodyMatches: '(a)\\1' },
      'probes.0.bodyMatches: must be a regular expression that RE2 understands (no look-around, no back-references)',
    ],
    [
      { kind: 'http', name: 'a', url: 'http://x', bodyJson: [{ path: 'a' }] },
      'probes.0.bodyJson.0.equals: equals, atLeast or atMost is needed',
    ],
    [
      { kind: 'dns', name: 'a', host: 'x', server: 'resolver.example' },
      'probes.0.server: must be an address, with a port behind it or without',
    ],
    [
      { kind: 'postgres', name: 'a', url: 'postgres://db.example' },
      'probes.0.url: must be postgres://user@host:port/database',
    ],
    [
      { kind: 'command', name: 'a', argv: ['df'] },
      'probes.0.argv: must begin with the whole path of a program',
    ],
    [
      { kind: 'fly', name: 'a', apps: ['shop'], baseUrl: 'http://api.machines.dev' },
      'probes.0.baseUrl: must be a URL that begins with https:// (http:// for this machine alone)',
    ],
  ])('says what is wrong with %j', (given, problem) => {
    expect(probes(given)).toEqual([problem]);
  });

  it('knows each kind by what it needs and no more', () => {
    const given = [
      { kind: 'tls', name: 'mail', host: 'mail.example' },
      { kind: 'dns', name: 'names', host: 'shop.example', server: '[2620:fe::fe]:53' },
      { kind: 'load', name: 'load' },
      { kind: 'systemd', name: 'unit', unit: 'shop@1.service' },
      { kind: 'command', name: 'raid', argv: ['/usr/lib/checks/raid'] },
      { kind: 'postgres', name: 'orders', url: 'postgresql://kora@db.example/orders' },
      { kind: 'vercel', name: 'vercel' },
      { kind: 'sentry', name: 'sentry', organization: 'acme' },
      { kind: 'doppler', name: 'doppler' },
      { kind: 'supabase', name: 'supabase', url: 'https://abcd.supabase.co' },
      { kind: 'fly', name: 'fly', apps: ['shop'], baseUrl: 'http://_api.internal:4280' },
    ];
    expect(probes(...given)).toEqual([]);
  });

  it('refuses two probes of one name, naming the second', () => {
    const twice = { kind: 'memory', name: 'ram' };
    expect(probes(twice, twice)).toEqual(['probes.1.name: "ram" is there twice']);
  });

  it('refuses a header that HTTP does not allow, without its value', () => {
    const [problem] = probes({
      kind: 'http',
      name: 'a',
      url: 'http://x',
      headers: { 'X-Token': 'tok3n\nInjected: 1' },
    });
    expect(problem).toBe('probes.0.headers: has a header name or value that HTTP does not allow');
  });

  it.each([
    [{ kind: 'http', url: 'https://admin:s3cret@x' }, 'probes.0.url: must not hold a password'],
    [{ kind: 'postgres', url: 'postgres://kora:s3cret@x/y' }, 'probes.0.url: must not hold a password'],
    [
      { kind: 'http', url: 'https://x', password: 's3cret' },
      'probes.0.password: must be where the secret is',
    ],
    [
      { kind: 'http', url: 'https://x', headers: { 'X-Api-Key': 's3cret' } },
      'probes.0.headers.X-Api-Key: must end in where the secret is',
    ],
    [
      { kind: 'http', url: 'https://x', headers: { authorization: 'Bearer s3cret' } },
      'probes.0.headers.authorization: must end in where the secret is',
    ],
  ])('has no secret in %j: it says where one is', (given, message) => {
    const found = probes({ name: 'a', ...given });
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found.join()).not.toContain('s3cret');
  });

  it('never repeats a secret of a URL it refuses', () => {
    const [problem] = probes({ kind: 'http', name: 'a', url: 'ftp://admin:s3cret@x' });
    expect(problem).not.toContain('s3cret');
  });
});

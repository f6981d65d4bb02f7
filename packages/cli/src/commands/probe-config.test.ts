import { probeHistorySchema } from '@kora/runtime/client';
import type { PluginConfig } from '@kora/runtime/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const db = { kind: 'tcp', name: 'db', host: 'db.internal', port: 5432 };

function config(over: Partial<PluginConfig> = {}): PluginConfig {
  return {
    plugin: 'probes',
    file: '/srv/kora.json',
    hash: 'h1',
    inForce: true,
    block: { builtin: false, probes: [db] },
    schema: null,
    schemaFrom: null,
    values: [],
    problems: [],
    secrets: [],
    fields: [],
    ...over,
  };
}

const restarted = { applied: 'restarted', state: 'loaded', reason: null } as const;

/** A runtime that has one probe, and keeps what it was told to write. */
async function open(over: Record<string, Route> = {}): Promise<unknown[]> {
  const bodies: unknown[] = [];
  scene = await openScene({
    routes: {
      'GET /api/plugins/probes/config': () => config(),
      'POST /api/plugins/probes/config': ({ body }) => {
        bodies.push(body);
        return { ...config({ hash: 'h2' }), ...restarted };
      },
      'GET /api/probes': () => [row.probe({ name: 'disk' })],
      'POST /api/probes/shop.example/run': () =>
        row.probe({ name: 'shop.example', status: 'healthy', error: null }),
      ...over,
    },
  });
  return bodies;
}

describe('kora probe add', () => {
  it('writes one probe more, over what it read and nothing else, and says what one look saw', async () => {
    const bodies = await open();
    const set = ['--set', 'bodyIncludes=ok', '--set', 'expectStatus=[200,204]', '--set', 'slowMs=800'];
    const more = [
      '--every',
      '15s',
      '--severity',
      'warning',
      '--depends-on',
      'db',
      '--reason',
      'the shop is live',
    ];
    const ran = await scene.run('probe', 'add', 'http', 'https://shop.example/health', ...set, ...more);
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringMatching(/written +\/srv\/kora\.json/) });
    expect(ran.stdout).toMatch(/^shop\.example +healthy/m);
    expect(bodies).toEqual([
      {
        hash: 'h1',
        reason: 'the shop is live',
        block: {
          builtin: false,
          probes: [
            db,
            {
              kind: 'http',
              url: 'https://shop.example/health',
              name: 'shop.example',
              everyMs: 15_000,
              severity: 'warning',
              dependsOn: ['db'],
              bodyIncludes: 'ok',
              expectStatus: [200, 204],
              slowMs: 800,
            },
          ],
        },
      },
    ]);
  });

  it('exits 1 when the look finds it down, and keeps it', async () => {
    await open({
      'POST /api/probes/shop.example/run': () =>
        row.probe({ name: 'shop.example', status: 'unreachable', error: 'connection refused' }),
    });
    const ran = await scene.run('probe', 'add', 'http', 'https://shop.example/health');
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain('kora probe remove shop.example');
  });

  it('puts back what stood there when the plugin does not come up with it', async () => {
    const bodies: unknown[] = [];
    await open({
      'POST /api/plugins/probes/config': ({ body }) => {
        bodies.push(body);
        const refused = { applied: 'failed', state: 'degraded', reason: 'probes.1.url: must be a URL' };
        return {
          ...config({ hash: `h${bodies.length + 1}` }),
          ...(bodies.length === 1 ? refused : restarted),
        };
      },
    });
    const ran = await scene.run('probe', 'add', 'http', 'ftp://shop.example', '--json');
    expect(ran.exit).toBe(78);
    expect(ran.document().error).toMatchObject({
      code: 'KORA_CONFIG_INVALID',
      message: 'probes.1.url: must be a URL; kora.json is as it was',
    });
    expect(bodies.at(-1)).toMatchObject({ hash: 'h2', block: { builtin: false, probes: [db] } });
  });

  it.each([
    [
      'plugins.config.probes.probes.1: Unrecognized key: "bodyIncluds"',
      'probe shop.example: Unrecognized key: "bodyIncluds"; kora.json is as it was',
      'a probe of kind http has the keys name, url, bodyIncludes',
    ],
    [
      'plugins.config.probes.probes.1.everyMs: Too small: expected number to be >=100',
      'everyMs of probe shop.example: Too small: expected number to be >=100; kora.json is as it was',
      'kora probe add --help',
    ],
    [
      'plugins.config.probes.probes.0.host: must be a host name',
      'host of probe db: must be a host name; kora.json is as it was',
      'kora probe remove db',
    ],
  ])('says whose key is wrong and what helps: %s', async (refusal, message, hint) => {
    const keysOf = (kind: string, ...keys: string[]) => ({
      properties: { kind: { const: kind }, ...Object.fromEntries(keys.map((key) => [key, {}])) },
    });
    const oneOf = [keysOf('tcp', 'name', 'host'), keysOf('http', 'name', 'url', 'bodyIncludes')];
    await open({
      'GET /api/plugins/probes/config': () =>
        config({ schema: { properties: { probes: { items: { oneOf } } } } }),
      'POST /api/plugins/probes/config': () => ({
        refuse: 422,
        code: 'KORA_CONFIG_INVALID',
        message: refusal,
        hint: 'kora plugin config probes',
      }),
    });
    const ran = await scene.run('probe', 'add', 'http', 'https://shop.example', '--json');
    expect(ran.exit).toBe(78);
    expect(ran.document().error).toMatchObject({ message, hint });
  });

  it('begins anew with what stands there when somebody else has written meanwhile', async () => {
    const web = { kind: 'tcp', name: 'web', host: 'web.internal', port: 80 };
    const bodies: unknown[] = [];
    const stands = () =>
      bodies.length === 0 ? config() : config({ hash: 'h9', block: { builtin: false, probes: [db, web] } });
    await open({
      'GET /api/plugins/probes/config': stands,
      'POST /api/plugins/probes/config': ({ body }) => {
        bodies.push(body);
        const message = 'plugins.config.probes is not what it was when it was read';
        if (bodies.length === 1) return { refuse: 409, code: 'KORA_CONFIG_CHANGED', message, hint: 'again' };
        return { ...config({ hash: 'h10' }), ...restarted };
      },
    });
    expect(await scene.run('probe', 'add', 'http', 'https://shop.example')).toMatchObject({ exit: 0 });
    const shop = { kind: 'http', name: 'shop.example', url: 'https://shop.example' };
    expect(bodies.at(-1)).toMatchObject({ hash: 'h9', block: { probes: [db, web, shop] } });
  });

  it('says that it was written when nobody may look now', async () => {
    await open({
      'POST /api/probes/shop.example/run': () => ({
        refuse: 409,
        code: 'KORA_ADMISSION_DENIED',
        message: 'probe shop.example may not look: stopped',
        hint: 'kora status',
      }),
    });
    const ran = await scene.run('probe', 'add', 'http', 'https://shop.example/health');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('may not look: stopped') });
  });

  it.each([
    [['gopher', 'x'], 64, 'there is no kind of probe "gopher"'],
    [['tcp', 'db.internal'], 64, 'a probe of kind tcp takes HOST:PORT as its target'],
    [['memory', 'x'], 64, 'a probe of kind memory takes no target'],
    [['http'], 64, 'a probe of kind http takes a URL as its target'],
    [['tcp', 'h:1', '--name', 'db'], 1, 'there is a probe db already'],
    [['memory', '--name', 'disk'], 1, 'there is a probe disk already'],
    [['memory', '--set', 'x'], 64, '--set takes KEY=VALUE, not "x"'],
    [['tcp', 'h:1', '--depends-on', 'gone'], 1, 'there is no probe gone for h to depend on'],
  ])('refuses %j before anything is written', async (argv, exit, message) => {
    const bodies = await open();
    const ran = await scene.run('probe', 'add', ...argv);
    expect(ran).toMatchObject({ exit, stderr: expect.stringContaining(message) });
    expect(bodies).toEqual([]);
  });

  it.each([
    [['tls', 'mail.example:993'], { kind: 'tls', name: 'mail.example', host: 'mail.example', port: 993 }],
    [['tls', 'mail.example'], { kind: 'tls', name: 'mail.example', host: 'mail.example' }],
    [['tcp', '[::1]:5432', '--name', 'six'], { kind: 'tcp', name: 'six', host: '::1', port: 5432 }],
    [['disk', '/var/lib'], { kind: 'disk', name: 'disk-lib', path: '/var/lib' }],
    [['systemd', 'shop.service'], { kind: 'systemd', name: 'shop', unit: 'shop.service' }],
    [
      ['postgres', 'postgres://kora@h/orders'],
      { kind: 'postgres', name: 'orders', url: 'postgres://kora@h/orders' },
    ],
    [['command', '/opt/checks/raid'], { kind: 'command', name: 'raid', argv: ['/opt/checks/raid'] }],
    [
      ['command', '--set', 'argv=["/bin/a","b"]'],
      { kind: 'command', name: 'command', argv: ['/bin/a', 'b'] },
    ],
    [['fly', 'shop,api'], { kind: 'fly', name: 'fly', apps: ['shop', 'api'] }],
    [['postgres', 'postgres://kora@h/'], { kind: 'postgres', name: 'postgres', url: 'postgres://kora@h/' }],
    [['disk', '/'], { kind: 'disk', name: 'disk-root', path: '/' }],
    [['doppler'], { kind: 'doppler', name: 'doppler' }],
    [['dns', '9.example'], { kind: 'dns', name: 'dns-9.example', host: '9.example' }],
  ])('makes of %j what the kind needs', async (argv, probe) => {
    const bodies = await open();
    await scene.run('probe', 'add', ...argv);
    expect(bodies).toEqual([expect.objectContaining({ block: { builtin: false, probes: [db, probe] } })]);
  });
});

describe('kora probe remove', () => {
  it('takes one probe out and leaves the others', async () => {
    const bodies = await open();
    expect(await scene.run('probe', 'remove', 'db', '--reason', 'gone')).toMatchObject({ exit: 0 });
    expect(bodies).toEqual([{ hash: 'h1', reason: 'gone', block: { builtin: false, probes: [] } }]);
  });

  it('goes on when none of them stands: the one taken out may be what was wrong, or one of several', async () => {
    const bodies: unknown[] = [];
    const reason = 'plugins.config.probes.probes.0.url: must be a URL';
    await open({
      'GET /api/plugins/probes/config': () =>
        config({ block: { probes: [db, { kind: 'http', name: 'old', url: 'x' }] } }),
      'GET /api/probes': () => [],
      'POST /api/plugins/probes/config': ({ body }) => {
        bodies.push(body);
        return { ...config({ hash: 'h2' }), applied: 'failed', state: 'degraded', reason };
      },
    });
    const ran = await scene.run('probe', 'remove', 'db');
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain('nothing is watched yet: url of probe old: must be a URL');
    expect(bodies).toHaveLength(1);
  });

  it('refuses what kora.json does not have', async () => {
    const bodies = await open();
    const ran = await scene.run('probe', 'remove', 'disk');
    expect(ran).toMatchObject({ exit: 1, stderr: expect.stringContaining('kora.json has no probe "disk"') });
    expect(bodies).toEqual([]);
  });
});

describe('kora probe show', () => {
  const spread = { looks: 60, good: 60, p50: 4, p95: 8, p99: 9 };
  const part = (minute: number, over: object = {}) => ({ at: row.before(minute * 60), ...spread, ...over });
  const history = probeHistorySchema.parse({
    probe: 'checkout',
    from: row.before(240),
    until: row.noon,
    widthMs: 60_000,
    spans: [part(4), part(3, { p95: 4 }), part(1, { good: 58 })],
    availability: [
      { windowMs: 3_600_000, availability: 0.999_999, ...spread },
      { windowMs: 86_400_000, availability: null, looks: 0, good: 0, p50: null, p95: null, p99: null },
    ],
  });

  it('draws latency and failures, and never rounds up to 100 %', async () => {
    const asked: string[] = [];
    scene = await openScene({
      routes: {
        'GET /api/probes': () => [row.probe({ name: 'checkout' })],
        'GET /api/probes/checkout/history': ({ query }) => {
          asked.push(JSON.stringify(query));
          return history;
        },
      },
    });
    const ran = await scene.run('probe', 'show', 'check', '--since', '4m');
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toMatch(/latency +█▄·█ +p95, up to 8 ms, over 4 min/);
    expect(ran.stdout).toMatch(/failing +▁▁·█ +2 looks/);
    expect(ran.stdout).toMatch(/1 h +99\.999 % +60 +4 ms +8 ms +9 ms/);
    expect(ran.stdout).toMatch(/1 d +unknown +0/);
    expect(asked).toHaveLength(1);
  });

  it('draws the last hour of one that is watched for minutes only, and the last day of another', async () => {
    const asked: unknown[] = [];
    const ages = { young: 4, old: 90 };
    for (const [name, minutes] of Object.entries(ages)) {
      scene = await openScene({
        routes: {
          'GET /api/probes': () => [row.probe({ name })],
          [`GET /api/probes/${name}/history`]: ({ query }) => {
            asked.push(`${name} ${query['sinceMs']}`);
            return { ...history, spans: [part(minutes)] };
          },
        },
      });
      expect(await scene.run('probe', 'show', name)).toMatchObject({ exit: 0 });
      await scene.close();
    }
    expect(asked).toEqual(['young 86400000', 'young 3600000', 'old 86400000']);
  });
});

import { describe, expect, it } from 'vitest';
import {
  bad,
  entity,
  log,
  now,
  onset,
  points,
  shop,
  stamp,
  traffic,
  unit,
  world,
} from '../../fixtures/world.ts';
import { incident } from '../../fixtures/scene.ts';
import type { Conclusion, Scene } from '../scene/contract.ts';
import { conclude } from './conclude.ts';
import { findCauses } from './findings.ts';

async function judge(scene: Scene): Promise<Conclusion> {
  return conclude(scene, await findCauses(scene));
}

const concluded = (cause: string, ...entities: string[]) => ({ kind: 'concluded', cause, entities });
const mib = 1_048_576;

describe('what explains itself is concluded', () => {
  it('memory that ran out, under a label that says nothing', async () => {
    const entities = [...shop.slice(0, 1), entity('unit:shop', { state: 'CrashLoopBackOff' })];
    const last = { reason: 'OOMKilled', exitCode: 137, signal: 'SIGKILL', at: onset - 2_000 };
    const units = [
      unit('unit:shop', { state: 'CrashLoopBackOff', last, restarts: 6, limits: { memoryBytes: 256 * mib } }),
    ];
    const found = await judge(world({ entities, units }));
    expect(found).toMatchObject(concluded('out_of_memory', 'unit:shop'));
    expect(found.findings[0]).toMatchObject({ evidence: expect.arrayContaining(['unit:shop']) });
    expect(found.findings[0]?.text).toContain('256 MiB');
  });

  it.each([
    ['missing_executable', 'exec: "shopd": executable file not found in $PATH'],
    ['image_pull', 'Failed to pull image "registry.internal/shop:9.9": manifest unknown'],
    ['script_error', "/opt/run.sh: line 14: syntax error near unexpected token `fi'"],
    ['script_error', '2026-11-21T10:02:05Z [emerg] unexpected "}" in /etc/nginx/nginx.conf:41'],
    ['missing_executable', "Error: Cannot find module '/app/dist/server.js'"],
    ['missing_configuration', 'FATAL: environment variable SHOP_DB_URL is not set'],
    ['missing_configuration', "KeyError: 'SHOP_TOKEN'"],
    ['disk_full', 'could not write segment: No space left on device'],
    ['unschedulable', '0/5 nodes are available: 5 Insufficient example.com/accelerator.'],
    ['capacity', '0/1 nodes are available: 1 Too many pods.'],
    ['out_of_memory', 'Out of memory: Killed process 4123 (shopd)'],
  ])('%s, by its words', async (cause, text) => {
    const logs = [
      log('unit:shop', [`${stamp('10:02:05')} INFO starting`, `${stamp('10:02:06')} ERROR ${text}`]),
    ];
    const found = await judge(world({ logs }));
    expect(found).toMatchObject(concluded(cause, 'unit:shop'));
    expect(found.findings[0]?.evidence).toEqual(['log:shop#2']);
  });

  it('a message of a scheduler that was wrapped in the middle', async () => {
    const logs = [
      log('unit:shop', [
        `${stamp('10:02:05')} WARN pod pending: no host has enough of`,
        '    what it asks for: 3 of 3 lack Insuffi',
        '    cient example.com/accelerator',
      ]),
    ];
    expect(await judge(world({ logs }))).toMatchObject(concluded('unschedulable', 'unit:shop'));
  });

  it('a certificate whose day has passed, among warnings', async () => {
    const entities = [
      ...shop.slice(0, 1),
      entity('unit:shop', { dependsOn: ['service:vault'] }),
      entity('service:vault'),
    ];
    const certificates = [
      {
        id: 'certificate:vault',
        entity: 'service:vault',
        subject: 'CN=vault.internal',
        notAfter: now - 3_600_000,
      },
    ];
    const logs = [
      log('unit:shop', [
        `${stamp('10:01:00')} WARN cache is cold`,
        `${stamp('10:01:10')} WARN clock differs by 2 s`,
        `${stamp('10:02:08')} ERROR vault.internal: certificate has expired on 2026-11-21`,
      ]),
    ];
    const found = await judge(world({ entities, certificates, logs }));
    expect(found).toMatchObject(concluded('certificate_expired', 'service:vault'));
  });

  it('the script of a job, not each of its five copies', async () => {
    const copies = [1, 2, 3, 4, 5].map((n) =>
      entity(`object:shop-${n}`, { dependsOn: ['object:shop'], state: 'failed', labels: { job: 'shop' } }),
    );
    const entities = [
      entity('probe:shop', { dependsOn: copies.map(({ id }) => id) }),
      entity('object:shop'),
      ...copies,
    ];
    const logs = copies.map(({ id }) =>
      log(id, [`${stamp('10:02:01')} run.sh: line 3: unexpected end of file`]),
    );
    expect(await judge(world({ entities, logs }))).toMatchObject(concluded('script_error', 'object:shop'));
  });

  it('a host that holds all it may hold', async () => {
    const host = entity('host:n1', { state: 'ready', labels: { pods: '30', podCapacity: '30' } });
    const entities = [entity('probe:shop', { dependsOn: ['host:n1'] }), host];
    expect(await judge(world({ entities }))).toMatchObject(concluded('capacity', 'host:n1'));
  });

  it('two of them, when neither has to do with the other', async () => {
    const entities = [
      entity('probe:shop', { dependsOn: ['unit:web', 'unit:mailer'] }),
      entity('unit:web'),
      entity('unit:mailer'),
    ];
    const logs = [
      log('unit:web', [`${stamp('10:02:01')} ERROR environment variable WEB_KEY is not set`]),
      log('unit:mailer', [`${stamp('10:02:03')} ERROR write failed: no space left on device`]),
    ];
    const found = await judge(world({ entities, logs }));
    expect(found).toMatchObject({ kind: 'concluded', entities: ['unit:web', 'unit:mailer'] });
  });
});

describe('what points on is followed', () => {
  const chain = ['web', 'cart', 'price', 'stock'];
  const entities = [
    entity('probe:shop', { dependsOn: ['service:web'] }),
    ...chain.map((name, index) =>
      entity(`service:${name}`, {
        dependsOn: chain.slice(index + 1, index + 2).map((next) => `service:${next}`),
      }),
    ),
  ];

  it('to the earliest of a chain, however loud the last', async () => {
    const loud = Array.from(
      { length: 500 },
      (_, n) => `${stamp('10:02:20')} ERROR call ${n} to cart failed with 502`,
    );
    const logs = [
      log('service:web', loud),
      log('service:cart', [`${stamp('10:02:12')} ERROR price answered 503`]),
      log('service:price', [`${stamp('10:02:06')} ERROR upstream stock unavailable`]),
      log('service:stock', [`${stamp('10:02:00')} ERROR index is corrupt: checksum differs`]),
    ];
    const found = await judge(world({ entities, logs }));
    expect(found).toMatchObject(concluded('cascade', 'service:stock'));
    expect(found.findings[0]?.evidence).toContain('log:stock#1');
  });

  it('to what refuses, past the noise of trying again', async () => {
    const db = entity('service:db', { labels: { address: 'db.internal:5432' } });
    const logs = [
      log('unit:shop', [
        ...traffic(60),
        `${stamp('10:02:09')} ERROR connect to db.internal:5432 failed: connection refused`,
        `${stamp('10:02:10')} WARN trying again in 1 s`,
        `${stamp('10:02:30')} ERROR pool exhausted, 40 requests wait`,
      ]),
    ];
    const scene = world({
      entities: [...shop.slice(0, 1), entity('unit:shop', { dependsOn: ['service:db'] }), db],
      logs,
    });
    expect(await judge(scene)).toMatchObject(concluded('dependency_refused', 'service:db'));
  });

  it('only as far as it can be seen: what was not read is asked for', async () => {
    const logs = [
      log('service:web', [`${stamp('10:02:20')} ERROR call to cart failed with 502`]),
      log('service:cart', [`${stamp('10:02:12')} ERROR price answered 503`]),
      log('service:price', [`${stamp('10:02:06')} ERROR upstream stock unavailable`]),
    ];
    const missing = [{ source: 'log:stock', why: 'permission denied' }];
    const found = await judge(world({ entities, logs, missing }));
    expect(found).toMatchObject({
      kind: 'abstained',
      why: 'missing_source',
      needs: ['log:stock: permission denied'],
    });
  });

  it('not to machines of others', async () => {
    const logs = [
      log('unit:shop', [
        `${stamp('10:01:30')} WARN deploy 41 finished`,
        `${stamp('10:02:05')} ERROR POST https://api.cards.example/v2/charge failed: 503 Service Unavailable`,
      ]),
    ];
    expect(await judge(world({ logs }))).toMatchObject({ kind: 'abstained', why: 'external' });
  });
});

describe('gauges', () => {
  const series = (name: string, unitName: string, values: readonly number[]) => ({
    id: `series:shop.${name}`,
    entity: 'unit:shop',
    name,
    unit: unitName,
    points: points(values),
  });

  it('a pool at its end, though answers slowed before', async () => {
    const used = [20, 22, 30, 40, 60, 80, 95, 100, 100, 100, 100];
    const logs = [
      log('unit:shop', [
        `${stamp('09:55:00')} WARN slow answer: 900ms`,
        `${stamp('10:02:00')} ERROR request rejected: no connection`,
      ]),
    ];
    const found = await judge(
      world({
        series: [
          series('pool_in_use', '', used),
          series(
            'pool_max',
            '',
            used.map(() => 100),
          ),
        ],
        logs,
      }),
    );
    expect(found).toMatchObject(concluded('pool_exhausted', 'unit:shop'));
  });

  it('memory that climbs, before the end of it', async () => {
    const rss = Array.from({ length: 90 }, (_, n) => (100 + n * 4 - (n % 7 === 6 ? 30 : 0)) * mib);
    const logs = [log('unit:shop', [`${stamp('10:01:00')} WARN gc pause 800 ms`])];
    const units = [unit('unit:shop', { limits: { memoryBytes: 512 * mib } })];
    const found = await judge(world({ series: [series('rss', 'bytes', rss)], logs, units }));
    expect(found).toMatchObject(concluded('memory_growth', 'unit:shop'));
  });

  it('a hit rate that falls when the configuration was read again', async () => {
    const rate = [94, 95, 94, 96, 95, 94, 95, 31, 24, 22, 23, 22];
    const logs = [log('unit:shop', [`${stamp('09:57:50')} INFO configuration reloaded: ttl=5`])];
    const found = await judge(world({ series: [series('hit_rate', 'percent', rate)], logs }));
    expect(found).toMatchObject(concluded('configuration_change', 'unit:shop'));
    expect(found.findings[0]?.evidence[0]).toBe('log:shop#1');
  });

  it('answers that take longer and longer', async () => {
    const latency = Array.from({ length: 60 }, (_, n) => 100 + n * n * 1.4);
    const cpu = Array.from({ length: 60 }, (_, n) => 20 + n);
    const found = await judge(
      world({ series: [series('latency_p95', 'ms', latency), series('cpu', 'percent', cpu)] }),
    );
    expect(found).toMatchObject(concluded('latency_trend', 'unit:shop'));
  });
});

describe('what only a whole log tells', () => {
  const line = (at: number, text: string): string => `${new Date(at).toISOString()} ${text}`;

  it('one line in all that is healthy', async () => {
    const healthy = traffic(20_000);
    healthy.splice(19_950, 0, line(now - 50_000, 'ERROR ledger line 77 settled twice'));
    const found = await judge(world({ logs: [log('unit:shop', healthy)] }));
    expect(found).toMatchObject(concluded('log_error', 'unit:shop'));
    expect(found.findings[0]?.evidence).toEqual(['log:shop#19951']);
  });

  it('a share of timeouts that rises, not the first of them', async () => {
    const lines = Array.from({ length: 2_400 }, (_, n) => {
      const late = n > 1_600 && n % 5 < 3;
      return line(
        now - (2_400 - n) * 1_000,
        n === 40 || late ? 'WARN stock timed out after 3000 ms' : 'INFO served',
      );
    });
    const found = await judge(world({ logs: [log('unit:shop', lines)] }));
    expect(found).toMatchObject(concluded('timeout_rate', 'unit:shop'));
    expect(found.findings[0]?.at).toBeGreaterThan(now - 900_000);
  });

  it('who asks too often', async () => {
    const lines = Array.from({ length: 300 }, (_, n) =>
      line(now - (300 - n) * 500, `WARN 429 too many requests client=${n % 10 === 0 ? 'web' : 'importer-7'}`),
    );
    const entities = [...shop, entity('object:importer-7')];
    const found = await judge(world({ entities, logs: [log('unit:shop', lines)] }));
    expect(found).toMatchObject({ kind: 'concluded', cause: 'rate_limited' });
    expect(found.findings.some(({ text }) => text.includes('importer-7'))).toBe(true);
  });

  it('the hour that a fault keeps', async () => {
    const days = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'];
    const lines = days.flatMap((day) => [
      `${day}T02:30:00Z INFO served`,
      `${day}T03:00:20Z ERROR lock wait exceeded on orders`,
      `${day}T03:04:10Z ERROR lock wait exceeded on orders`,
      `${day}T04:30:00Z INFO served`,
    ]);
    const failingSince = '2026-11-21T03:00:30.000Z';
    const scene = world({ incident: incident({ failingSince }), logs: [log('unit:shop', lines)] });
    const found = await judge(scene);
    expect(found).toMatchObject(concluded('recurring_window', 'unit:shop'));
    expect(found.findings[0]?.text).toContain('03:00–03:05');
  });

  it('one path that is slow where no line complains', async () => {
    const lines = Array.from({ length: 600 }, (_, n) => {
      const slow = n % 6 === 0;
      return line(
        now - (600 - n) * 1_000,
        `INFO GET ${slow ? '/reports/9' : ['/cart', '/home'][n % 2]} 200 in ${slow ? 4_000 + (n % 9) : 20 + (n % 9)}ms`,
      );
    });
    const found = await judge(world({ logs: [log('unit:shop', lines)] }));
    expect(found).toMatchObject(concluded('slow_path', 'unit:shop'));
    expect(found.findings[0]?.text).toContain('/reports/:id');
  });
});

it('what a change set and what failed then are one story when both say it', async () => {
  const changes = [
    {
      id: 'change:81',
      at: onset - 300_000,
      entity: 'unit:shop',
      what: 'pool.size set',
      before: 'pool.size=20',
      after: 'pool.size=2',
    },
  ];
  const logs = [log('unit:shop', [`${stamp('10:02:05')} ERROR pool exhausted: no free connection`])];
  const found = await judge(world({ changes, logs }));
  expect(found).toMatchObject(concluded('configuration_change', 'unit:shop'));
  expect(found.findings[0]?.evidence[0]).toBe('change:81');
});

describe('what a log said of a failure that is over', () => {
  const refused = 'ERROR connect ECONNREFUSED 10.0.0.9:5432';
  const before = incident({
    incidentId: 6,
    status: 'resolved',
    openedAt: '2026-11-21T10:00:00.000Z',
    failingSince: '2026-11-21T10:00:00.000Z',
    resolvedAt: '2026-11-21T10:01:30.000Z',
  });
  const scene = (lines: readonly string[]) =>
    world({ incidents: [incident(), before], logs: [log('unit:shop', lines)] });

  it('does not explain the next one', async () => {
    const found = await judge(
      scene([
        `${stamp('10:00:10')} ${refused}`,
        `${stamp('10:01:20')} ${refused}`,
        `${stamp('10:01:50')} INFO served`,
      ]),
    );
    expect(found.kind).toBe('abstained');
    expect(JSON.stringify(found)).not.toContain('ECONNREFUSED');
  });

  it('explains it when it is said again, by the words that are new', async () => {
    const found = await judge(
      scene([
        `${stamp('10:01:20')} ${refused}`,
        `${stamp('10:01:50')} INFO served`,
        `${stamp('10:02:08')} ${refused}`,
      ]),
    );
    expect(found).toMatchObject({ kind: 'concluded', cause: 'dependency_refused' });
    expect(found.findings[0]?.evidence).toContain('log:shop#3');
    expect(JSON.stringify(found)).not.toContain('log:shop#1');
  });

  it('of a probe that is not what failed is its own', async () => {
    const lines = [`${stamp('10:01:20')} ${refused}`];
    const other = { ...before, probe: 'mail' };
    const found = await judge(world({ incidents: [incident(), other], logs: [log('unit:shop', lines)] }));
    expect(found).toMatchObject({ kind: 'concluded', cause: 'dependency_refused' });
  });
});

it('of what does not run the next step is to start it, and not the name by which rules know it', async () => {
  const failing = [bad('process "shopd" : 0 running, 1 wanted', { failure: 'not_running' })];
  const found = await judge(world({ failing }));
  expect(found).toMatchObject({
    kind: 'concluded',
    cause: 'process_gone',
    next: 'start it again, after reading in its log why it ended.',
  });
});

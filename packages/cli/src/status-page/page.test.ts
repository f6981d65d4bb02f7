import type { IncidentRow, ProbeDaysRow, ProbeRow } from '@kora/runtime/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { before, noon } from '../testing/noon.ts';
import * as row from '../testing/rows.ts';
import type { Known, Wanted } from './contract.ts';
import { pageHtml } from './html.ts';
import { statusPage } from './page.ts';
import { headline, percent } from './words.ts';

const hour = 3_600;
const day = 24 * hour;
const wanted: Wanted = { title: 'Shop', now: Date.parse(noon), historyDays: 90, groups: [], details: false };
const nothing: Known = { probes: [], days: [], incidents: [], windows: [] };

function days(
  probe: string,
  tallies: readonly (readonly [back: number, looks: number, good: number])[],
): ProbeDaysRow {
  const of = (least: number) => {
    const those = tallies.filter(([back]) => back < least);
    return {
      looks: those.reduce((sum, [, looks]) => sum + looks, 0),
      good: those.reduce((sum, [, , good]) => sum + good, 0),
    };
  };
  return {
    probe,
    days: tallies
      .map(([back, looks, good]) => ({ at: `${before(back * day).slice(0, 10)}T00:00:00.000Z`, looks, good }))
      .toSorted((a, b) => a.at.localeCompare(b.at)),
    windows: [1, 7, 30, 90].map((length) => ({ windowMs: length * day * 1_000, ...of(length) })),
  };
}

function pageOf(known: Partial<Known>, over: Partial<Wanted> = {}) {
  return statusPage({ ...nothing, ...known }, { ...wanted, ...over });
}

test('a day on which nobody looked is no data: neither good nor bad, and it counts in no share', () => {
  const page = pageOf({
    probes: [row.probe()],
    days: [
      days('checkout', [
        [0, 100, 100],
        [2, 50, 25],
      ]),
    ],
  });
  const [probe] = page.groups[0]?.probes ?? [];
  expect(probe?.history).toHaveLength(90);
  expect(probe?.history.slice(-3)).toEqual([
    { day: '2026-11-19', looks: 50, good: 25 },
    { day: '2026-11-20', looks: 0, good: 0 },
    { day: '2026-11-21', looks: 100, good: 100 },
  ]);
  expect(probe?.availability).toMatchObject([
    { window: '24h', availability: 1, days: 1, daysMeasured: 1 },
    { window: '7d', availability: 125 / 150, days: 7, daysMeasured: 2 },
    { window: '30d', looks: 150, good: 125, daysMeasured: 2 },
    { window: '90d', daysMeasured: 2 },
  ]);
  const html = pageHtml(page);
  expect(html.match(/no data<\/title>/g)).toHaveLength(88);
  expect(html).toContain('<title>2026-11-19: 50 %</title>');
  expect(html).toContain('100 %<small>100 looks</small>');
  expect(html).toContain('83.333 %<small>2 of 7 days</small>');
  expect(html).toContain('measured on 2, of these 1 with looks that were not healthy');
});

test('what nobody ever looked at has no share at all', () => {
  const html = pageHtml(pageOf({ probes: [row.probe({ status: null, checkedAt: null, since: null })] }));
  expect(html.match(/<dd class="none">no data<\/dd>/g)).toHaveLength(4);
  expect(html).not.toMatch(/\d %/);
  expect(html).toContain('1 of 1 not known at the moment');
});

test.each<[string, Partial<ProbeRow>, string]>([
  ['healthy', {}, 'healthy'],
  ['degraded', { status: 'degraded' }, 'degraded'],
  ['unhealthy', { status: 'unhealthy' }, 'failing'],
  ['unreachable', { status: 'unreachable' }, 'failing'],
  ['not set up', { status: 'unconfigured' }, 'unknown'],
  ['never looked at', { status: null, checkedAt: null }, 'unknown'],
  ['healthy when somebody looked last, an hour ago', { checkedAt: before(hour) }, 'unknown'],
  ['looked at seldom, and lately for that', { checkedAt: before(hour), everyMs: 3_600_000 }, 'healthy'],
])('a probe that is %s', (_, over, state) => {
  const page = pageOf({ probes: [row.probe(over)] });
  expect([page.groups[0]?.probes[0]?.state, page.groups[0]?.state, page.state]).toEqual([
    state,
    state,
    state,
  ]);
});

test('a group is as bad as the worst of it, and the page as its worst group; only what is named is shown', () => {
  const probes = [
    row.probe({ name: 'a' }),
    row.probe({ name: 'b', status: 'degraded' }),
    row.probe({ name: 'c', status: 'unreachable' }),
    row.probe({ name: 'inside', status: 'unreachable' }),
  ];
  const incidents = [row.incident({ probe: 'c', causedBy: 'inside' }), row.incident({ probe: 'inside' })];
  const groups = [
    { name: 'Shop', probes: ['b', 'a'] },
    { name: 'Mail', probes: ['a'] },
  ];
  const page = pageOf({ probes, incidents }, { groups });
  expect(page.groups.map(({ name, state }) => [name, state])).toEqual([
    ['Shop', 'degraded'],
    ['Mail', 'healthy'],
  ]);
  expect([page.state, headline(page)]).toEqual(['degraded', '1 of 3 degraded']);
  expect(page.incidents).toEqual([]);
  const other = pageOf({ probes, incidents }, { groups: [{ name: 'C', probes: ['c'] }] });
  // What explains it is not on the page, so it is not named either.
  expect(other.incidents).toMatchObject([{ probe: 'c', becauseOf: null }]);
  expect(JSON.stringify(other)).not.toContain('inside');
});

test('an open incident lasts until now, an ended one until its end; what ended before the days shown is left out', () => {
  const ended = (id: number, back: number, seconds: number): IncidentRow =>
    row.incident({
      incidentId: id,
      failingSince: before(back),
      openedAt: before(back),
      resolvedAt: before(back - seconds),
      status: 'resolved',
      endedBy: 'recovered',
    });
  const incidents = [ended(1, 40 * day, hour), ended(2, 2 * day, 90), ended(3, day, hour), row.incident()];
  const page = pageOf({ probes: [row.probe()], incidents }, { historyDays: 30 });
  expect(page.incidents.map(({ id, state, durationMs }) => [id, state, durationMs])).toEqual([
    [3, 'open', 60_000],
    [3, 'resolved', 3_600_000],
    [2, 'resolved', 90_000],
  ]);
  const html = pageHtml(page);
  expect(html).toMatch(
    /<h2>Now<\/h2>[^]*1 min so far[^]*<h2>Past incidents<\/h2>[^]*, 1 h<[^]*, 1 min 30 s</,
  );
});

test('maintenance of one probe or of all is said with its end', () => {
  const windows = [
    row.probeWindow({ probe: null }),
    row.probeWindow({ probe: 'checkout', startsAt: before(-hour), endsAt: before(-2 * hour) }),
  ];
  const [probe] = pageOf({ probes: [row.probe()], windows }).groups[0]?.probes ?? [];
  expect(probe?.maintenanceUntil).toBe(before(-hour));
});

const inside = 'db7.internal.example';
const telling: Known = {
  probes: [
    row.probe({ target: inside, error: inside, details: { at: inside }, host: inside, dependsOn: [inside] }),
  ],
  days: [days('checkout', [[0, 10, 9]])],
  incidents: [
    row.incident({
      target: inside,
      title: inside,
      detail: inside,
      silenceReason: inside,
      causedBy: inside,
      wakeId: inside,
    }),
  ],
  windows: [row.probeWindow({ reason: inside, by: inside })],
};

test('nothing inside is told: no host, no error, no measurement, no reason; only with details some of it is', () => {
  const page = statusPage(telling, wanted);
  expect(JSON.stringify(page) + pageHtml(page)).not.toContain(inside);
  expect(JSON.stringify(page)).not.toMatch(/8 ms|latency|http:|unreachable/);
  const detailed = statusPage(telling, { ...wanted, details: true });
  expect(pageHtml(detailed)).toContain(inside);
  expect(JSON.stringify(detailed)).toContain(inside);
});

test('not even with details does an address give its login away', () => {
  const said = 'GET https://kora:hunter2@shop.example/a@b : status 503';
  const probes = [row.probe({ target: 'postgres://kora:hunter2@db.example/orders', error: said })];
  const page = pageOf({ probes, incidents: [row.incident({ detail: said })] }, { details: true });
  expect(JSON.stringify(page) + pageHtml(page)).not.toContain('hunter2');
  expect(page.incidents[0]?.details?.text).toBe('GET https://shop.example/a@b : status 503');
  const crooked = pageOf(
    { probes: [row.probe({ target: 'https://kora:hunter@2@shop.example/' })] },
    { details: true },
  );
  expect(crooked.groups[0]?.probes[0]?.details?.target).toBe('https://shop.example/');
});

test('law: no name, title or error makes markup, and the document needs nothing from elsewhere', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=y>',
      "' onload='x",
      '</style>',
      '&lt;',
      ']]>',
      '-->',
    ),
  );
  fc.assert(
    fc.property(nasty, nasty, nasty, fc.boolean(), (name, title, error, details) => {
      const known: Known = {
        probes: [row.probe({ name, error, target: error })],
        days: [days(name, [[0, 10, 9]])],
        incidents: [row.incident({ probe: name, detail: error, title: error })],
        windows: [],
      };
      const groups = [{ name: title, probes: [name] }];
      const html = pageHtml(statusPage(known, { ...wanted, title, groups, details }));
      const plain = pageHtml(
        statusPage(known, { ...wanted, title: 't', groups: [{ name: 'g', probes: [name] }], details }),
      );
      const tags = (text: string): string[] =>
        text.replace(/<style>.*?<\/style>/s, '').match(/<[a-z!/][^>]*>/gi) ?? [];
      const shape = (text: string): string[] => tags(text).map((tag) => /^<\/?[a-z!]+/i.exec(tag)?.[0] ?? '');
      expect(shape(html)).toEqual(shape(plain));
      expect(new Set(shape(html)).has('<script')).toBe(false);
      expect(shape(html).filter((tag) => tag === '<img' || tag === '<iframe')).toEqual([]);
      expect(
        tags(html).filter((tag) => /\s(?:on\w+|src|style)=/i.test(tag.replaceAll(/"[^"]*"/g, '""'))),
      ).toEqual([]);
    }),
  );
});

test('law: a share is cut, never rounded up: it reads 100 % only where every look was good', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.nat(), (looks, some) => {
      const good = some % (looks + 1);
      const read = percent(good / looks);
      expect(read === '100 %').toBe(good === looks);
      expect(Number.parseFloat(read)).toBeLessThanOrEqual((good / looks) * 100 + 1e-9);
    }),
  );
});

test('what goes back and forth is unstable, and no outage while it is well', () => {
  const flapping = row.incident({ flappingSince: before(60) });
  const page = pageOf({ probes: [row.probe({ status: 'healthy' })], incidents: [flapping] });
  expect(page.incidents).toMatchObject([{ state: 'open', unstable: true }]);
  const html = pageHtml(page);
  expect(html).toContain('<span class="state">Unstable</span>');
  expect(html).not.toContain('Outage');
  const over = row.incident({ flappingSince: before(60), status: 'resolved', resolvedAt: before(5) });
  expect(pageOf({ probes: [row.probe()], incidents: [over] }).incidents).toMatchObject([{ unstable: false }]);
});

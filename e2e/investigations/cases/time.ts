import type { Case } from '../case.ts';
import { gauge, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

const megabyte = 1024 * 1024;

/** What only time shows: slopes, periods, before and after. */
export const time: readonly Case[] = [
  {
    id: 'R15',
    title: 'memory climbs towards its limit, and pauses of the collector are what one sees',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const limit = 2048 * megabyte;
      const unit = stage.unit(name, { memoryBytes: limit });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 6 * hour, to: now, count: 900 });
      for (let n = 0; n < 90; n += 1)
        log.say(now - 90 * minute + n * minute, 'WARN', `gc major pause=${random.whole(180, 300 + 8 * n)}ms`);
      const climb = (share: number): number => (420 + 1480 * share + random.whole(0, 90)) * megabyte;
      const rss = stage.series(unit, 'rss', 'bytes', gauge(now - 6 * hour, now, 2 * minute, climb));
      for (let n = 0; n < 3; n += 1) {
        const other = stage.unit(random.name(), { memoryBytes: limit });
        const level = random.whole(300, 1700);
        stage.series(
          other,
          'rss',
          'bytes',
          gauge(now - 6 * hour, now, 2 * minute, () => (level + random.whole(0, 60)) * megabyte),
        );
      }
      stage.failing(`${name}-web`, {
        entity: unit,
        since: now - 12 * minute,
        error: 'answers take 2.4 s',
        category: 'latency',
        severity: 'warning',
        status: 'degraded',
        latencyMs: 2400,
      });
      return { expect: 'conclude', causes: ['memory_growth'], roots: [[unit]], deciding: [[rss]] };
    },
  },
  {
    id: 'R16',
    title: 'a new configuration, told at INFO, and after it the cache finds next to nothing',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-cache`;
      const at = now - 40 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 4 * hour, to: now, count: 900 });
      log.say(at, 'INFO', 'configuration reloaded: max_entries 500000 -> 5000', 'reload');
      const other = stage.unit(random.name());
      stage.change({
        at: now - 3 * hour,
        entity: other,
        what: 'deployed',
        before: 'build 811',
        after: 'build 812',
      });
      const change = stage.change({
        at,
        entity: unit,
        what: 'configuration reloaded',
        before: 'max_entries: 500000',
        after: 'max_entries: 5000',
        by: 'operator',
      });
      stage.change({ at: now - 5 * minute, entity: other, what: 'scaled', before: '2', after: '3' });
      const collapse = (_: number, when: number): number =>
        when < at + 2 * minute ? random.about(0.94, 0.02) : random.about(0.12, 0.2);
      const rate = stage.series(unit, 'hit_rate', '', gauge(now - 4 * hour, now, minute, collapse));
      stage.failing(name, {
        entity: unit,
        since: at + 4 * minute,
        error: 'hit rate 12 %',
        severity: 'warning',
        status: 'degraded',
        details: { hitRate: 0.12 },
      });
      return {
        expect: 'conclude',
        causes: ['configuration_change'],
        roots: [[unit]],
        deciding: [[change, ...log.cite('reload')]],
        spread: [[change, rate]],
      };
    },
  },
  {
    id: 'R18',
    title: 'every night the same five minutes',
    build(stage) {
      const { random } = stage;
      const today = Math.floor(stage.now / day) * day;
      const startHour = 3;
      stage.now = today + startHour * hour + 4.5 * minute;
      const name = random.name();
      const unit = stage.unit(name);
      const log = stage.log(unit);
      const said = random.pick([
        'cannot write: the volume is busy with a snapshot',
        'query cancelled: lock not available within 2000 ms',
      ]);
      for (let back = 6; back >= 0; back -= 1) {
        const night = today - back * day + startHour * hour;
        healthy(log, random, { from: night - 3 * hour, to: night, count: 200 });
        const errors = back === 0 ? 36 : 40;
        for (let n = 0; n < errors; n += 1)
          log.say(night + n * 7300 + random.whole(0, 900), 'ERROR', said, 'night');
        if (back > 0) healthy(log, random, { from: night + 6 * minute, to: night + 20 * hour, count: 500 });
      }
      stage.failing(`${name}-web`, {
        entity: unit,
        since: today + startHour * hour + 30_000,
        error: 'HTTP 500',
        category: 'error_rate',
        severity: 'warning',
      });
      return {
        expect: 'conclude',
        causes: ['recurring_window'],
        roots: [[unit]],
        deciding: [log.cite('night')],
        says: ['0?3:00', '0?3:0[4-6]|5 min'],
      };
    },
  },
  {
    id: 'R19',
    title: 'one path is slow, and not one line says so above INFO',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 35 * minute;
      const path = `/${random.name()}/export`;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 5 * hour, to: now, count: 3000 });
      for (let n = 0; n < 300; n += 1) {
        const at = now - 5 * hour + n * minute;
        const ms = at < since ? random.whole(60, 140) : random.whole(6200, 9800);
        log.say(
          at,
          'INFO',
          `GET ${path} 200 ${ms}ms request=${random.mark(10)} bytes=88211`,
          at < since ? 'fast' : 'slow',
        );
      }
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + 2 * minute,
        error: 'answers take 7.9 s',
        category: 'latency',
        severity: 'warning',
        status: 'degraded',
        latencyMs: 7900,
      });
      return {
        expect: 'conclude',
        causes: ['slow_path'],
        roots: [[unit]],
        deciding: [log.cite('slow')],
        says: [path],
      };
    },
  },
  {
    id: 'R20',
    title: 'a little slower every minute, from a tenth of a second to five, while the processor climbs along',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 5 * hour, to: now, count: 300, ms: 20 });
      const from = now - 5 * hour;
      const climb = (share: number): number => random.about(100 + 4900 * share, 0.12);
      const latency = stage.series(unit, 'latency', 'ms', gauge(from, now, 2 * minute, climb));
      stage.series(
        unit,
        'cpu',
        'percent',
        gauge(from, now, 2 * minute, (share) => random.about(22 + 33 * share, 0.15)),
      );
      const since = now - 20 * minute;
      stage.failing(`${name}-web`, {
        entity: unit,
        since,
        error: 'answers take 4.7 s',
        category: 'latency',
        severity: 'warning',
        status: 'degraded',
        latencyMs: 4700,
      });
      stage.forget(`${name}-web`);
      for (let at = from; at <= now; at += minute) {
        const latencyMs = Math.round(climb((at - from) / (now - from)));
        const slow = at >= since;
        stage.look(`${name}-web`, {
          at,
          latencyMs,
          ...(slow ? { status: 'degraded', error: `answers take ${latencyMs} ms` } : {}),
        });
      }
      return {
        expect: 'conclude',
        causes: ['latency_trend'],
        roots: [[unit, `probe:${name}-web`]],
        deciding: [[latency, `look:${name}-web`]],
      };
    },
  },
];

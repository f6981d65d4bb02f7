import type { Case } from '../case.ts';
import { grumble, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

/** What stands in a log, once, or first. */
export const logs: readonly Case[] = [
  {
    id: 'R10',
    title: 'an alarm that is to ring always, and rings',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-watchdog`;
      const since = now - 40 * day;
      const purpose = 'rings always, so that its silence shows that alerting is broken';
      stage.failing(name, { entity: null, since, error: 'the watchdog rings', severity: 'info' });
      stage.entity('probe', name, { state: 'unhealthy', labels: { alert: 'Watchdog', purpose } });
      return {
        expect: 'quiet',
        causes: ['always_firing'],
        deciding: [[`probe:${name}`, `look:${name}`]],
      };
    },
  },
  {
    id: 'R10b',
    title: 'an alarm that is to ring always, and fell silent',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-watchdog`;
      const silent = now - 25 * minute;
      const purpose = 'rings always, so that its silence shows that alerting is broken';
      stage.failing(name, { entity: null, since: silent, error: 'the watchdog does not ring any more' });
      stage.entity('probe', name, { state: 'healthy', labels: { alert: 'Watchdog', purpose } });
      stage.forget(name);
      for (let at = now - 6 * hour; at <= now; at += minute)
        stage.look(name, at < silent ? { at, status: 'unhealthy', error: 'the watchdog rings' } : { at });
      return {
        expect: 'alarm',
        causes: ['always_firing', 'process_gone', 'unknown'],
        roots: [[`probe:${name}`]],
      };
    },
  },
  {
    id: 'R11',
    title: 'one line in a hundred thousand',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 26 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 20 * hour, to: now, count: 100_000 });
      const said = random.pick([
        `checksum of segment ${random.mark(6)} differs, the ledger takes no more writes`,
        `panic: index 31 out of range in merge of shelf ${random.mark(5)}`,
      ]);
      log.say(since, 'ERROR', said, 'needle');
      stage.failing(`${name}-web`, { entity: unit, since: since + 20_000, error: 'writes are refused' });
      return { expect: 'conclude', causes: ['log_error'], roots: [[unit]], deciding: [log.cite('needle')] };
    },
  },
  {
    id: 'R12',
    title:
      'four services fall one after the other: the first is the quietest, the last is named by the alert',
    build(stage) {
      const { random, now } = stage;
      const first = now - 19 * minute;
      const names = [random.name(), random.name(), random.name(), random.name()] as const;
      const said = [
        random.pick([
          'write-ahead log went read-only: I/O error on sdb1',
          'lost the lease on shard 7, refusing writes',
        ]),
        `cannot store order: ${names[0]} answered 503`,
        `checkout failed: ${names[1]} answered 500`,
        `page /pay failed: ${names[2]} answered 500`,
      ] as const;
      const units: string[] = [];
      const cited: string[] = [];
      for (const [n, name] of names.entries()) {
        const below = units.at(-1);
        const unit = stage.unit(name, below === undefined ? {} : { dependsOn: [below] });
        const log = stage.log(unit);
        const at = first + n * 40_000;
        healthy(log, random, { from: now - 4 * hour, to: at, count: 500 });
        grumble(log, random, { from: now - 4 * hour, to: now, count: 40 });
        const count = [2, 30, 150, 800][n] ?? 1;
        for (let k = 0; k < count; k += 1)
          log.say(at + (k * (now - at)) / count, 'ERROR', said[n] ?? '', k === 0 ? 'first' : undefined);
        if (n === 0) cited.push(...log.cite('first'));
        units.push(unit);
      }
      const [root = '', , , last = ''] = units;
      stage.failing(`${names[3]}-web`, { entity: last, since: first + 3 * minute, error: 'HTTP 500' });
      return {
        expect: 'conclude',
        causes: ['cascade', 'log_error'],
        roots: [[root]],
        deciding: [cited],
        spread: units.slice(1).map((unit, n) => [units[n] ?? '', unit] as const),
      };
    },
  },
];

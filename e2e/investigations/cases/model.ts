import type { Case } from '../case.ts';
import { gauge, grumble, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

/** Where the deciding evidence is there, and takes more than a rule to see; a model may, when it is shown it. */
export const model: readonly Case[] = [
  {
    id: 'L1',
    title:
      'a network policy keeps a service from its name server, and the log says only that names do not resolve',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 15 * minute;
      const policy = stage.entity('object', `networkpolicy/${random.name()}-egress`, { state: 'active' });
      const unit = stage.unit(name, { dependsOn: [policy] });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 3 * hour, to: since, count: 300 });
      const upstream = `${random.name()}.internal`;
      for (let at = since + 4000; at < now; at += 9000)
        log.say(
          at,
          'ERROR',
          `getaddrinfo EAI_AGAIN ${upstream}: temporary failure in name resolution`,
          'name',
        );
      const change = stage.change({
        at: since,
        entity: policy,
        what: 'network policy applied',
        before: 'egress: all',
        after: 'egress: 10.0.0.0/8 port 443',
        by: 'operator',
      });
      stage.failing(`${name}-web`, { entity: unit, since: since + minute, error: 'HTTP 500' });
      return {
        expect: 'conclude',
        causes: ['network_policy', 'dns', 'configuration_change'],
        roots: [[policy]],
        deciding: [[change]],
        spread: [[policy, unit]],
        reader: { sees: [change], cause: 'network_policy', entities: [policy] },
      };
    },
  },
  {
    id: 'L2',
    title: 'one query takes most of each slow request, in a trace of many pieces',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 30 * minute;
      const store = stage.unit(`${random.name()}-store`);
      const unit = stage.unit(name, { dependsOn: [store] });
      const log = stage.log(unit, `${name}-trace`);
      for (let n = 0; n < 1200; n += 1) {
        const at = now - 2 * hour + n * 6000;
        const trace = random.mark(8);
        const query = at < since ? random.whole(4, 12) : random.whole(3100, 4200);
        log.say(at, 'INFO', `trace=${trace} span=render parent=request took=${random.whole(3, 9)}ms`);
        log.say(
          at + 1,
          'INFO',
          `trace=${trace} span="select from basket" parent=request peer=${store.slice(5)} took=${query}ms`,
          at < since ? undefined : 'query',
        );
        log.say(at + 2, 'INFO', `trace=${trace} span=request took=${query + random.whole(10, 30)}ms`);
      }
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + minute,
        error: 'answers take 3.7 s',
        category: 'latency',
        severity: 'warning',
        status: 'degraded',
        latencyMs: 3700,
      });
      const cited = log.cite('query');
      return {
        expect: 'conclude',
        causes: ['slow_path'],
        roots: [[store]],
        deciding: [cited],
        spread: [[store, unit]],
        reader: { sees: cited, cause: 'slow_path', entities: [store] },
      };
    },
  },
  {
    id: 'L3',
    title: 'what the program says of itself, under the noise of hosts that come and go',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 12 * minute;
      const host = stage.entity('host', `${random.name()}-3`);
      const unit = stage.unit(name, { host });
      const events = stage.log(stage.entity('object', 'events/hosts', { state: 'active' }), 'events-hosts');
      for (let n = 0; n < 800; n += 1)
        events.say(
          now - 80 * minute + n * 6000,
          random.pick(['WARN', 'ERROR']),
          `host ${random.pick(['alpha', 'beta', 'gamma'])}-${random.whole(1, 90)} is not ready: kubelet stopped posting status`,
        );
      const log = stage.log(unit);
      healthy(log, random, { from: now - 2 * hour, to: now, count: 400 });
      for (let at = since; at < now; at += 30_000)
        log.say(
          at,
          'WARN',
          `price list of ${random.name()} rejected: currency is empty, keeping none`,
          'empty',
        );
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + minute,
        error: 'prices: expected some, got 0',
      });
      const cited = log.cite('empty');
      return {
        expect: 'conclude',
        causes: ['log_error'],
        roots: [[unit]],
        deciding: [cited],
        reader: { sees: cited, cause: 'log_error', entities: [unit] },
      };
    },
  },
  {
    id: 'L4',
    title: 'a pool of two, made so by a setting, while neighbours are loud',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 45 * minute;
      const unit = stage.unit(name);
      const settings = stage.entity('object', `settings/${name}`, { state: 'active' });
      const change = stage.change({
        at: since,
        entity: settings,
        what: 'settings changed',
        before: 'pool.max: 40',
        after: 'pool.max: 2',
        by: 'operator',
      });
      const other = stage.unit(random.name(), {
        last: { reason: 'OOMKilled', exitCode: 137, signal: 'SIGKILL', at: now - 50 * minute },
        restarts: 2,
      });
      stage.change({
        at: now - 44 * minute,
        entity: other,
        what: 'deployed',
        before: 'build 3',
        after: 'build 4',
      });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 3 * hour, to: now, count: 500 });
      for (let at = since + 2 * minute; at < now; at += 15_000)
        log.say(at, 'WARN', `request waited ${random.whole(4000, 9000)} ms for a connection`);
      stage.series(
        unit,
        'pool_in_use',
        '',
        gauge(now - 3 * hour, now, minute, (_, at) => (at < since ? 9 : 2)),
      );
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + 3 * minute,
        error: 'HTTP 504',
        category: 'latency',
      });
      return {
        expect: 'conclude',
        causes: ['configuration_change', 'pool_exhausted'],
        roots: [[unit, settings]],
        deciding: [[change]],
        reader: { sees: [change], cause: 'configuration_change', entities: [settings] },
      };
    },
  },
  {
    id: 'L5',
    title: 'a variable changed two hops away from where it hurts',
    build(stage) {
      const { random, now } = stage;
      const since = now - 28 * minute;
      const names = [random.name(), random.name(), random.name()] as const;
      const deep = stage.unit(names[0]);
      const middle = stage.unit(names[1], { dependsOn: [deep] });
      const front = stage.unit(names[2], { dependsOn: [middle] });
      const change = stage.change({
        at: since,
        entity: deep,
        what: 'environment changed',
        before: 'TAX_TABLE=2031',
        after: 'TAX_TABLE=',
        by: 'deploy',
      });
      for (const [n, unit] of [deep, middle, front].entries()) {
        const log = stage.log(unit);
        healthy(log, random, { from: now - 3 * hour, to: now, count: 300 });
        if (n === 0) continue;
        for (let at = since + n * 15_000; at < now; at += 12_000)
          log.say(at, 'ERROR', `${names[n - 1] ?? ''} answered 422 without a body`);
      }
      stage.failing(`${names[2]}-web`, { entity: front, since: since + minute, error: 'HTTP 502' });
      return {
        expect: 'conclude',
        causes: ['configuration_change', 'missing_configuration', 'cascade'],
        roots: [[deep]],
        deciding: [[change]],
        spread: [
          [deep, middle],
          [middle, front],
        ],
        reader: { sees: [change], cause: 'configuration_change', entities: [deep] },
      };
    },
  },
  {
    id: 'L6',
    title: 'a bad release, with the release before it known, while old alarms still ring',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 19 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 3 * hour, to: since, count: 400 });
      for (let at = since + 9000; at < now; at += 7000)
        log.say(at, 'ERROR', `TypeError: cannot read "total" of undefined at basket.js:88`, 'type');
      const change = stage.change({
        at: since,
        entity: unit,
        what: 'deployed',
        before: 'revision 41',
        after: 'revision 42',
        by: 'deploy',
      });
      const old = stage.unit(random.name());
      stage.incidentOf(`${old.slice(5)}-disk`, {
        entity: old,
        since: now - 5 * hour,
        error: 'disk 91 % full',
        category: 'capacity',
        severity: 'warning',
      });
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + minute,
        error: 'HTTP 500',
        category: 'error_rate',
      });
      return {
        expect: 'conclude',
        causes: ['configuration_change', 'log_error'],
        roots: [[unit]],
        deciding: [[change]],
        reader: { sees: [change], cause: 'configuration_change', entities: [unit] },
      };
    },
  },
  {
    id: 'L7',
    title: 'two things at once that have nothing to do with each other',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 23 * minute;
      const store = stage.unit(`${random.name()}-store`);
      const queue = stage.unit(`${random.name()}-queue`, {
        state: 'restarting',
        last: { reason: 'OOMKilled', exitCode: 137, signal: 'SIGKILL', at: now - 2 * minute },
        restarts: 9,
        memoryBytes: 128 * 1024 * 1024,
      });
      const unit = stage.unit(name, { dependsOn: [store, queue] });
      const stored = stage.log(store);
      healthy(stored, random, { from: now - 2 * hour, to: since, count: 200 });
      for (let at = since; at < now; at += 20_000)
        stored.say(at, 'ERROR', 'cannot extend the table: no space left on device', 'full');
      const log = stage.log(unit);
      healthy(log, random, { from: now - 2 * hour, to: now, count: 200 });
      for (let at = since + 5000; at < now; at += 15_000) log.say(at, 'ERROR', 'half of the order was kept');
      stage.failing(`${name}-web`, { entity: unit, since: since + minute, error: 'HTTP 500' });
      const cited = stored.cite('full');
      return {
        expect: 'conclude',
        causes: ['disk_full', 'out_of_memory', 'log_error'],
        roots: [[store], [queue]],
        deciding: [cited, [queue]],
        reader: { sees: [...cited, queue], cause: 'disk_full', entities: [store, queue] },
      };
    },
  },
  {
    id: 'L8',
    title: 'a cluster in two halves, each of which holds itself for whole',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-queue`;
      const since = now - 26 * minute;
      const members = [1, 2, 3].map((n) => stage.unit(`${name}-${n}`, { labels: { ready: 'true' } }));
      const cluster = stage.entity('service', name, { dependsOn: members });
      const cited: string[] = [];
      for (const [n, member] of members.entries()) {
        const log = stage.log(member);
        grumble(log, random, { from: now - 2 * hour, to: now, count: 60 });
        const others = n === 2 ? `${name}-3` : `${name}-1, ${name}-2`;
        for (let at = since; at < now; at += 60_000)
          log.say(at, 'INFO', `members: ${others}; leader ${n === 2 ? `${name}-3` : `${name}-1`}`, 'members');
        cited.push(...log.cite('members'));
      }
      stage.change({ at: now - 2 * day, entity: cluster, what: 'scaled', before: '2', after: '3' });
      stage.failing(`${name}-depth`, {
        entity: cluster,
        since: since + minute,
        error: 'the same job was done twice',
      });
      return {
        expect: 'conclude',
        causes: ['unknown', 'log_error', 'network_policy'],
        roots: [[cluster, ...members]],
        deciding: [cited],
        reader: { sees: cited, cause: 'log_error', entities: [cluster] },
      };
    },
  },
];

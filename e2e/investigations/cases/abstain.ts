import type { Case } from '../case.ts';
import { gauge, grumble, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

/** Where nobody can know, and the right answer is to say so, and what would have to be known. */
export const abstain: readonly Case[] = [
  {
    id: 'A1',
    title: 'what fails belongs to somebody else, and everything nearby has some other trouble',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const provider = `${random.name()}-pay`;
      const since = now - 21 * minute;
      const outside = stage.entity('service', provider, {
        state: 'unknown',
        labels: { external: 'true', address: `api.${provider}.example:443` },
      });
      const unit = stage.unit(name, { dependsOn: [outside] });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 4 * hour, to: now, count: 500 });
      for (let at = since; at < now; at += 11_000)
        log.say(
          at,
          'ERROR',
          `charge failed: api.${provider}.example answered 502 after ${random.whole(900, 4000)} ms`,
        );
      const other = stage.unit(random.name(), {
        last: { reason: 'OOMKilled', exitCode: 137, signal: 'SIGKILL', at: now - 9 * hour },
        restarts: 1,
      });
      stage.change({
        at: now - 70 * minute,
        entity: other,
        what: 'deployed',
        before: 'build 40',
        after: 'build 41',
      });
      stage.certificate(other, `CN=${other.slice(5)}.example`, now + 20 * day);
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + minute,
        error: 'HTTP 502',
        category: 'error_rate',
      });
      return { expect: 'abstain', abstain: { why: ['external', 'missing_source'], names: [provider] } };
    },
  },
  {
    id: 'A2',
    title: 'the chain of errors leads into something that nobody has looked into',
    build(stage) {
      const { random, now } = stage;
      const names = [random.name(), random.name(), random.name()] as const;
      const since = now - 18 * minute;
      const deepest = stage.entity('service', names[0], { state: 'unknown' });
      const middle = stage.unit(names[1], { dependsOn: [deepest] });
      const front = stage.unit(names[2], { dependsOn: [middle] });
      for (const [n, unit] of [middle, front].entries()) {
        const log = stage.log(unit);
        healthy(log, random, { from: now - 3 * hour, to: now, count: 300 });
        for (let at = since + n * 20_000; at < now; at += 9000 - n * 3000)
          log.say(at, 'ERROR', `${names[n]} answered 500: internal error, see its log`);
      }
      stage.missing({ source: `log:${names[0]}`, why: 'no log of it is collected', entity: deepest });
      stage.failing(`${names[2]}-web`, { entity: front, since: since + minute, error: 'HTTP 500' });
      return { expect: 'abstain', abstain: { why: ['missing_source', 'no_evidence'], names: [names[0]] } };
    },
  },
  {
    id: 'A3',
    title: 'what is asked about is not there, and something with nearly its name is',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const near = stage.unit(`${name}-api`);
      const log = stage.log(near);
      healthy(log, random, { from: now - 2 * hour, to: now, count: 200 });
      stage.unit(random.name());
      const asked = `unit:${name}-apl`;
      stage.failing(`${name}-web`, {
        entity: asked,
        since: now - 8 * minute,
        error: `there is no unit ${name}-apl`,
        target: `${name}-apl`,
      });
      return { expect: 'abstain', abstain: { why: ['no_such_object'], names: [`${name}-api`] } };
    },
  },
  {
    id: 'A4',
    title: 'it fails, it runs, and it writes nothing at all',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const unit = stage.unit(name);
      stage.log(unit);
      stage.failing(`${name}-web`, {
        entity: unit,
        since: now - 12 * minute,
        error: 'its own check says "degraded"',
        status: 'degraded',
        severity: 'warning',
      });
      return { expect: 'abstain', abstain: { why: ['no_evidence'], names: ['log'] } };
    },
  },
  {
    id: 'A5',
    title: 'the tool that would read the log is not granted',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const unit = stage.unit(name);
      stage.missing({
        source: 'tool:kora__read_log',
        why: 'the capability cap_log_read is not granted',
        entity: unit,
        enable: 'kora capability grant cap_log_read',
      });
      stage.failing(`${name}-web`, { entity: unit, since: now - 7 * minute, error: 'HTTP 500' });
      return {
        expect: 'abstain',
        abstain: { why: ['missing_source'], names: ['cap_log_read'] },
      };
    },
  },
  {
    id: 'A6',
    title: 'of the log there is only its end, and what began it lies before',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 9 * hour, to: now - 8 * hour, count: 3000 });
      log.say(now - 8 * hour, 'ERROR', 'the key ring could not be opened: permission denied');
      healthy(log, random, { from: now - 8 * hour, to: now, count: 1200 });
      log.keepLast(900);
      stage.failing(`${name}-web`, { entity: unit, since: now - 8 * hour + minute, error: 'sign-in is off' });
      return { expect: 'abstain', abstain: { why: ['truncated'], names: [name] } };
    },
  },
  ...['a', 'b', 'c'].map(
    (letter): Case => ({
      id: `A7${letter}`,
      title: 'nothing is wrong, and nothing is to be found',
      build(stage) {
        const { random, now } = stage;
        const units = [random.name(), random.name(), random.name()].map((name, n, all) => {
          const below = all[n - 1];
          const unit = stage.unit(name, below === undefined ? {} : { dependsOn: [`unit:${below}`] });
          const log = stage.log(unit);
          healthy(log, random, { from: now - 8 * hour, to: now, count: 900 });
          grumble(log, random, { from: now - 8 * hour, to: now, count: 200 });
          stage.series(
            unit,
            'rss',
            'bytes',
            gauge(now - 8 * hour, now, 2 * minute, () => random.about(4e8, 0.08)),
          );
          stage.series(
            unit,
            'cpu',
            'percent',
            gauge(now - 8 * hour, now, 2 * minute, () => random.about(30, 0.4)),
          );
          stage.certificate(unit, `CN=${name}.example`, now + 60 * day);
          return unit;
        });
        const [, , front = ''] = units;
        stage.change({
          at: now - 5 * hour,
          entity: front,
          what: 'deployed',
          before: 'build 7',
          after: 'build 8',
        });
        stage.drill(`${front.slice(5)}-web`, front);
        return { expect: 'quiet', abstain: { why: ['no_evidence'], names: [] } };
      },
    }),
  ),
  {
    id: 'A8',
    title: 'what was concluded before is wrong today, and nothing else is known',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 5 * hour, to: now, count: 600 });
      stage.series(
        unit,
        'pool_in_use',
        '',
        gauge(now - 5 * hour, now, minute, () => random.whole(2, 5)),
      );
      stage.series(
        unit,
        'pool_size',
        '',
        gauge(now - 5 * hour, now, minute, () => 40),
      );
      const memory = stage.memory({
        entity: unit,
        claim: `${name} fails because its connection pool is exhausted; restart it`,
        cause: 'pool_exhausted',
        outcome: 'unknown',
      });
      stage.failing(`${name}-web`, {
        entity: unit,
        since: now - 9 * minute,
        error: 'its own check says "degraded"',
        status: 'degraded',
        severity: 'warning',
      });
      return {
        expect: 'abstain',
        abstain: { why: ['no_evidence', 'conflict'], names: [] },
        rejects: [memory],
      };
    },
  },
  {
    id: 'A8b',
    title: 'what was concluded before is wrong today, and the log says what is right',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 15 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      healthy(log, random, { from: now - 5 * hour, to: now, count: 600 });
      for (let at = since; at < now; at += 20_000)
        log.say(at, 'ERROR', `cannot write /var/lib/${name}/wal: no space left on device`, 'full');
      stage.series(
        unit,
        'pool_in_use',
        '',
        gauge(now - 5 * hour, now, minute, () => random.whole(2, 5)),
      );
      stage.series(
        unit,
        'pool_size',
        '',
        gauge(now - 5 * hour, now, minute, () => 40),
      );
      const memory = stage.memory({
        entity: unit,
        claim: `${name} fails because its connection pool is exhausted; restart it`,
        cause: 'pool_exhausted',
        outcome: 'wrong',
      });
      stage.failing(`${name}-web`, { entity: unit, since: since + minute, error: 'HTTP 500' });
      return {
        expect: 'conclude',
        causes: ['disk_full', 'log_error'],
        roots: [[unit]],
        deciding: [log.cite('full')],
        rejects: [memory],
      };
    },
  },
];

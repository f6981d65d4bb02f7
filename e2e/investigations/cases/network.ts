import type { Case } from '../case.ts';
import { grumble, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

/** What lies between two programs: certificates, ports, limits. */
export const network: readonly Case[] = [
  {
    id: 'R4',
    title: 'a certificate that is over, beside four warnings that mean nothing',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 31 * minute;
      const gate = stage.unit(name);
      const log = stage.log(gate);
      healthy(log, random, { from: now - 4 * hour, to: now, count: 600 });
      grumble(log, random, { from: now - 4 * hour, to: now, count: 120 });
      const ended = new Date(since).toISOString();
      for (let at = since + 2000; at < now; at += 45_000) {
        const said = random.pick([
          `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${new Date(at).toISOString()} is after ${ended}`,
          `handshake with ${random.address()} failed: certificate has expired (notAfter=${ended})`,
        ]);
        log.say(at, 'ERROR', said, 'expired');
      }
      const certificate = stage.certificate(gate, `CN=${name}.example`, since);
      const other = stage.unit(random.name());
      stage.certificate(other, `CN=${other.slice(5)}.example`, now + 19 * day);
      stage.failing(`${name}-web`, {
        entity: gate,
        since,
        error: 'TLS handshake failed',
        status: 'unreachable',
      });
      return {
        expect: 'conclude',
        causes: ['certificate_expired'],
        roots: [[gate]],
        deciding: [[certificate, ...log.cite('expired')]],
      };
    },
  },
  {
    id: 'R5',
    title: 'what it needs refuses connections; retries and a full pool come after and are louder',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 24 * minute;
      const port = random.pick([5432, 3306, 6379, 9042]);
      const address = random.address();
      const store = stage.unit(`${random.name()}-store`, {
        state: 'stopped',
        labels: { address: `${address}:${port}` },
      });
      const unit = stage.unit(name, { dependsOn: [store] });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 3 * hour, to: since, count: 500 });
      grumble(log, random, { from: now - 3 * hour, to: now, count: 60 });
      const refused = random.pick([
        `dial tcp ${address}:${port}: connect: connection refused`,
        `connect ECONNREFUSED ${address}:${port}`,
      ]);
      log.say(since, 'ERROR', `cannot load the session: ${refused}`, 'refused');
      for (let n = 1; n < 200; n += 1) {
        const at = since + n * 7000;
        log.say(at, 'WARN', `attempt ${(n % 5) + 1} of 5 failed, trying again in ${2 ** (n % 5)} s`);
        if (n % 9 === 0) log.say(at + 400, 'ERROR', `cannot load the session: ${refused}`, 'refused');
        if (n > 60 && n % 2 === 0) log.say(at + 900, 'ERROR', 'no free connection in the pool after 5000 ms');
      }
      stage.failing(`${name}-web`, { entity: unit, since: since + minute, error: 'HTTP 500' });
      return {
        expect: 'conclude',
        causes: ['dependency_refused'],
        roots: [[store]],
        deciding: [log.cite('refused')],
        says: [`${port}`],
        spread: [[store, unit]],
      };
    },
  },
  {
    id: 'R13',
    title: 'a pool with no connection left, long announced by warnings about slowness',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const most = random.pick([40, 80, 100]);
      const full = now - 13 * minute;
      const store = stage.unit(`${random.name()}-store`);
      const unit = stage.unit(name, { dependsOn: [store] });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 3 * hour, to: full, count: 500 });
      for (let n = 0; n < 60; n += 1)
        log.say(
          full - 20 * minute + n * 20_000,
          'WARN',
          `slow request: /orders took ${random.whole(900, 2400)} ms`,
        );
      const said = random.pick([
        `connection pool exhausted: ${most}/${most} in use, ${random.whole(20, 90)} waiting`,
        `timed out waiting for a connection from the pool (size=${most}, in use=${most}, idle=0)`,
      ]);
      for (let at = full; at < now; at += 6000) log.say(at, 'ERROR', said, 'full');
      const points = Array.from({ length: 120 }, (_, n) => {
        const at = now - (120 - n) * minute;
        return [at, at >= full ? most : Math.min(most - 2, Math.round(most * (0.3 + n / 180)))] as const;
      });
      const inUse = stage.series(unit, 'pool_in_use', '', points);
      stage.series(
        unit,
        'pool_size',
        '',
        points.map(([at]) => [at, most] as const),
      );
      stage.failing(`${name}-web`, { entity: unit, since: full + minute, error: 'HTTP 500' });
      return {
        expect: 'conclude',
        causes: ['pool_exhausted'],
        roots: [[unit]],
        deciding: [[inUse, ...log.cite('full')]],
        says: [`${most}`],
      };
    },
  },
  {
    id: 'R14',
    title: 'one client far above its limit, whose refusals look like a fault of the limiter',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-limiter`;
      const client = `${random.name()}-${random.mark(4)}`;
      const others = [random.name(), random.name(), random.name(), random.name()] as const;
      const since = now - 16 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      for (let n = 0; n < 900; n += 1) {
        const at = now - 90 * minute + n * 6000;
        log.say(at, 'INFO', `client=${random.pick(others)} GET /prices 200 ${random.whole(4, 30)}ms`);
      }
      for (let n = 0; n < 1500; n += 1) {
        const at = since + n * 600;
        const refused = n % 10 < 9;
        const text = `client=${client} GET /prices ${refused ? 429 : 200} ${random.whole(1, 5)}ms`;
        if (refused)
          log.say(
            at,
            'WARN',
            `${text} rate limit exceeded: ${random.whole(95, 110)}/s, allowed 10/s`,
            'over',
          );
        else log.say(at, 'INFO', text);
      }
      stage.entity('object', `client/${client}`, { state: 'active' });
      stage.failing(name, {
        entity: unit,
        since: since + minute,
        error: '71 % of answers are 429',
        category: 'error_rate',
        severity: 'warning',
        status: 'degraded',
      });
      return {
        expect: 'conclude',
        causes: ['rate_limited'],
        roots: [[unit, `object:client/${client}`]],
        deciding: [log.cite('over')],
        says: [client],
      };
    },
  },
  {
    id: 'R17',
    title: 'timeouts go from one in a thousand to most of all; one came early and means nothing',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const upstream = `http://${random.name()}.internal:8080/quote`;
      const since = now - 20 * minute;
      const unit = stage.unit(name);
      const log = stage.log(unit);
      const said = random.pick([
        `upstream timed out after 3000 ms: GET ${upstream}`,
        `GET ${upstream}: context deadline exceeded (3000 ms)`,
      ]);
      healthy(log, random, { from: now - 6 * hour, to: since, count: 3000 });
      log.say(now - 5 * hour, 'ERROR', said);
      for (let n = 0; n < 900; n += 1) {
        const at = since + (n * 20 * minute) / 900;
        if (random.chance(0.6)) log.say(at, 'ERROR', said, 'timeout');
        else log.say(at, 'INFO', `GET /cart 200 ${random.whole(12, 40)}ms request=${random.mark(10)}`);
      }
      stage.failing(`${name}-web`, {
        entity: unit,
        since: since + minute,
        error: 'HTTP 504',
        category: 'error_rate',
      });
      return {
        expect: 'conclude',
        causes: ['timeout_rate'],
        roots: [[unit]],
        deciding: [log.cite('timeout')],
      };
    },
  },
];

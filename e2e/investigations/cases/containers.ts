import type { Case } from '../case.ts';
import { grumble, healthy } from '../traffic.ts';
import { day, hour, minute } from '../stage.ts';

const megabyte = 1024 * 1024;

/** What ends or never begins on a host: memory, files, images, settings. */
export const containers: readonly Case[] = [
  {
    id: 'R1',
    title: 'killed for its memory, under a label that says only that it keeps falling over',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 22 * minute;
      const host = stage.entity('host', `${random.name()}-1`);
      const unit = stage.unit(name, {
        host,
        state: 'restarting',
        labels: { status: 'CrashLoopBackOff' },
        last: {
          reason: random.pick(['OOMKilled', 'oom-kill']),
          exitCode: 137,
          signal: 'SIGKILL',
          at: now - 3 * minute,
        },
        restarts: random.whole(6, 14),
        memoryBytes: 256 * megabyte,
      });
      stage.unit(random.name(), { host, memoryBytes: 512 * megabyte });
      const log = stage.log(unit);
      healthy(log, random, { from: now - 2 * hour, to: since, count: 400 });
      for (let at = since; at < now - 3 * minute; at += 5 * minute) {
        log.say(at, 'INFO', `${name} starts, build ${random.mark(7)}`);
        log.say(at + 2000, 'INFO', 'reading the catalogue into memory');
        log.say(at + 90_000, 'WARN', 'back-off: restarting failed container');
      }
      stage.failing(`${name}-web`, { entity: unit, since, error: 'HTTP 503', category: 'unreachable' });
      return { expect: 'conclude', causes: ['out_of_memory'], roots: [[unit]], deciding: [[unit]] };
    },
  },
  {
    id: 'R2',
    title: 'the first step of a start calls a program that is not there, and has no log',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const program = `/srv/${name}/bin/${random.pick(['prepare-tables', 'warm-index', 'fetch-rates'])}`;
      const since = now - 9 * minute;
      const init = stage.unit(`${name}-init`, {
        state: 'failed',
        labels: { role: 'init' },
        last: {
          reason: random.pick([
            `exec: "${program}": stat ${program}: no such file or directory`,
            `failed to create the process: exec ${program}: executable file not found in $PATH`,
          ]),
          exitCode: 127,
          signal: null,
          at: now - 8 * minute,
        },
        restarts: 5,
      });
      const unit = stage.unit(name, { state: 'pending', dependsOn: [init] });
      stage.log(init);
      stage.log(unit);
      stage.failing(`${name}-web`, { entity: unit, since, error: 'connect refused', status: 'unreachable' });
      return { expect: 'conclude', causes: ['missing_executable'], roots: [[init]], deciding: [[init]] };
    },
  },
  {
    id: 'R3',
    title:
      'an image that cannot be pulled, among others in the same place that fail for reasons of their own',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const image = `registry.${random.name()}.example/${name}:${random.whole(2, 9)}.${random.whole(0, 9)}.1-rc`;
      const since = now - 14 * minute;
      const unit = stage.unit(name, {
        state: 'pending',
        labels: { image, namespace: 'trade' },
        last: {
          reason: random.pick([
            `ErrImagePull: manifest for ${image} not found: manifest unknown`,
            `ImagePullBackOff: failed to resolve reference "${image}": not found`,
          ]),
          exitCode: null,
          signal: null,
          at: now - 12 * minute,
        },
      });
      const events = stage.log(stage.entity('object', 'events/trade', { state: 'active' }), 'events-trade');
      for (const n of [1, 2, 3]) {
        const other = stage.unit(`${random.name()}-${n}`, {
          state: 'failed',
          labels: { namespace: 'trade' },
          last: { reason: 'Error', exitCode: 1, signal: null, at: now - n * day },
          restarts: 40 * n,
        });
        events.say(now - n * day, 'WARN', `back-off restarting failed container in ${other.slice(5)}`);
      }
      events.say(since, 'WARN', `${name}: failed to pull image "${image}": manifest unknown`, 'pull');
      events.say(since + minute, 'WARN', `${name}: back-off pulling image "${image}"`, 'pull');
      stage.failing(`${name}-web`, { entity: unit, since, error: 'connect refused', status: 'unreachable' });
      return {
        expect: 'conclude',
        causes: ['image_pull'],
        roots: [[unit]],
        deciding: [[unit, ...events.cite('pull')]],
      };
    },
  },
  {
    id: 'R6',
    title: 'a script of a job that no shell can read: five runs, one error',
    build(stage) {
      const { random, now } = stage;
      const name = `${random.name()}-rollup`;
      const since = now - 50 * minute;
      const script = `/jobs/${name}.sh`;
      const line = random.whole(9, 60);
      const said = random.pick([
        `${script}: line ${line}: syntax error near unexpected token \`fi'`,
        `${script}: ${line}: Syntax error: "done" unexpected`,
      ]);
      const runs = [1, 2, 3, 4, 5].map((n) => {
        const at = since + n * 8 * minute;
        const run = stage.unit(`${name}-${random.mark(5)}`, {
          state: 'failed',
          last: { reason: 'Error', exitCode: 2, signal: null, at: at + 900 },
        });
        const log = stage.log(run);
        log.say(at, 'INFO', `rolling up the day of ${new Date(at).toISOString().slice(0, 10)}`);
        log.write(at + 500, said, 'shell');
        return { run, cited: log.cite('shell') };
      });
      const job = stage.entity('object', `job/${name}`, {
        state: 'failed',
        dependsOn: runs.map(({ run }) => run),
      });
      stage.failing(name, { entity: job, since: since + 8 * minute, error: '5 of 5 runs failed' });
      return {
        expect: 'conclude',
        causes: ['script_error'],
        roots: [[job, ...runs.map(({ run }) => run)]],
        deciding: [runs.flatMap(({ cited }) => cited)],
      };
    },
  },
  {
    id: 'R7',
    title: 'a host that holds as many pods as it can, of which the alert names only the host',
    build(stage) {
      const { random, now } = stage;
      const capacity = random.pick([24, 32, 40]);
      const since = now - 11 * minute;
      const host = stage.entity('host', `${random.name()}-7`, {
        state: 'ready',
        labels: { pod_capacity: `${capacity}` },
      });
      for (let n = 0; n < capacity; n += 1) stage.unit(`${random.name()}-${random.mark(5)}`, { host });
      const spare = stage.entity('host', `${random.name()}-8`, { labels: { pod_capacity: `${capacity}` } });
      for (let n = 0; n < 5; n += 1) stage.unit(`${random.name()}-${random.mark(5)}`, { host: spare });
      stage.unit(`${random.name()}-${random.mark(5)}`, { state: 'pending' });
      const points = Array.from(
        { length: 60 },
        (_, n) => [now - (60 - n) * minute, Math.max(3, Math.min(capacity, capacity - 40 + n))] as const,
      );
      const pods = stage.series(host, 'pods', '', points);
      const most = stage.series(
        host,
        'pods_capacity',
        '',
        points.map(([at]) => [at, capacity] as const),
      );
      stage.failing(host.slice(5), {
        entity: host,
        since,
        error: 'the host takes no more work',
        category: 'capacity',
        severity: 'warning',
        status: 'degraded',
      });
      return {
        expect: 'conclude',
        causes: ['capacity'],
        roots: [[host]],
        deciding: [[pods, most, host]],
        says: [`${capacity}`],
      };
    },
  },
  {
    id: 'R8',
    title: 'no host has what it asks for, in a sentence of the scheduler that is wrapped over lines',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const since = now - 17 * minute;
      const unit = stage.unit(name, { state: 'pending' });
      const scheduler = stage.unit('scheduler');
      const log = stage.log(scheduler);
      for (let n = 0; n < 300; n += 1) {
        log.say(
          now - 2 * hour + n * 24_000,
          'INFO',
          `bound ${random.name()}-${n} to a host in ${random.whole(2, 30)} ms`,
        );
      }
      const what = random.pick(['example.com/gpu', 'memory', 'cpu']);
      const sentence = [
        `cannot place ${name}: 0/6`,
        `    nodes are available: 4`,
        `    Insufficient ${what}, 2 node(s) had`,
        `    untolerated taint {pool: batch}. preemption: not helpful`,
      ].join('\n');
      for (const after of [0, 5, 10])
        log.write(
          since + after * minute,
          `${new Date(since + after * minute).toISOString()} WARN  ${sentence}`,
          'no place',
        );
      stage.failing(`${name}-web`, { entity: unit, since, error: 'connect refused', status: 'unreachable' });
      return {
        expect: 'conclude',
        causes: ['unschedulable'],
        roots: [[unit]],
        deciding: [log.cite('no place')],
        says: [what.replaceAll('.', '\\.')],
      };
    },
  },
  {
    id: 'R9',
    title: 'a setting that is not there, told in a line of the log and by no event',
    build(stage) {
      const { random, now } = stage;
      const name = random.name();
      const setting = `${name.toUpperCase()}_${random.pick(['QUEUE_URL', 'DSN', 'SIGNING_KEY_FILE'])}`;
      const since = now - 6 * minute;
      const unit = stage.unit(name, {
        state: 'failed',
        last: { reason: 'Error', exitCode: 1, signal: null, at: now - minute },
        restarts: 4,
      });
      const log = stage.log(unit);
      grumble(log, random, { from: now - 3 * hour, to: since, count: 40 });
      const said = random.pick([
        `required environment variable ${setting} is not set`,
        `missing required environment variable: ${setting}`,
      ]);
      for (let at = since; at < now - minute; at += 70_000) {
        log.say(at, 'INFO', `${name} starts`);
        log.say(at + 300, random.pick(['FATAL', 'ERROR']), said, 'setting');
      }
      stage.failing(`${name}-web`, { entity: unit, since, error: 'connect refused', status: 'unreachable' });
      return {
        expect: 'conclude',
        causes: ['missing_configuration'],
        roots: [[unit]],
        deciding: [log.cite('setting')],
        says: [setting],
      };
    },
  },
];

import { setTimeout as sleep } from 'node:timers/promises';
import { throughFaults } from './run.ts';
import type { Report, RunOptions, Stage } from './run.ts';

const hourMs = 3_600_000;
/** Work long enough that a lease which ends early ends under it. */
const longestMs = 2_000;

interface Leap {
  readonly what: string;
  readonly leap: (stage: Stage, victim: 0 | 1) => Promise<unknown> | void;
}

/**
 * A worker's clocks are its own and are moved as they are. The server's clock is the machine's: instead of moving it for
 * everybody, the times that it is compared with are moved the other way, which is the same to every statement that compares.
 */
const leaps: readonly Leap[] = [
  { what: "a worker's wall clock an hour on", leap: ({ hands }, victim) => hands[victim].leap(hourMs, 0) },
  { what: "a worker's wall clock an hour back", leap: ({ hands }, victim) => hands[victim].leap(-hourMs, 0) },
  {
    what: "a worker's both clocks an hour on, as after a sleep of the machine",
    leap: ({ hands }, victim) => hands[victim].leap(hourMs, hourMs),
  },
  {
    what: "the server's clock an hour on, as its sessions see it",
    leap: ({ town }) => moveSessions(town.database, '-1 hour'),
  },
  {
    what: "the server's clock an hour back, as its sessions see it",
    leap: ({ town }) => moveSessions(town.database, '1 hour'),
  },
  {
    what: "the server's clock an hour on, as its leases see it",
    leap: ({ town }) =>
      town.database.query(`update kora.ticket_lease set deadline = deadline - interval '1 hour'`),
  },
  {
    what: "the server's clock an hour back, as its leases see it",
    leap: ({ town }) =>
      town.database.query(`update kora.ticket_lease set deadline = deadline + interval '1 hour'`),
  },
];

/** Lets the clocks of two workers and of their server leap again and again. */
export function leapClocks(options: RunOptions): Promise<Report> {
  return throughFaults({ ...options, longestMs }, async (stage) => {
    const { town, meet } = stage;
    for (let n = 0; n < options.count; n += 1) {
      const victim = town.random() < 0.5 ? 0 : 1;
      const { what, leap } = leaps[n % leaps.length] ?? leapless();
      await leap(stage, victim);
      meet(what);
      options.onFault?.(`${n + 1}/${options.count}  ${what}`);
      await sleep(200 + town.random() * 800);
    }
  });
}

function leapless(): never {
  throw new RangeError('there are no leaps');
}

function moveSessions(database: Stage['town']['database'], by: string): Promise<unknown> {
  return database.query(
    'update kora.session set until = until + $1::interval where until > clock_timestamp()',
    [by],
  );
}

// Croner by itself, without a store: what "when next" costs when nothing is remembered.
import { Cron } from 'croner';
import { began, cronOf, loadOf, tell } from './load.ts';

const load = loadOf();
const jobs = Array.from(
  { length: load.tasks },
  (_, n) =>
    new Cron(cronOf(load, n), { timezone: 'UTC' }, () => {
      // A callback is late by less than its second: the instant it was due is the second that has just begun.
      began(Math.floor(Date.now() / 1_000) * 1_000);
    }),
);
await tell(load);
for (const job of jobs) job.stop();

// Croner by itself, without a store: what "when next" costs when nothing is remembered.
import { Cron } from 'croner';
import { began, cronOf, loadOf, tell } from './load.ts';

const load = loadOf();
for (let n = 0; n < load.tasks; n += 1) {
  new Cron(cronOf(load, n), { timezone: 'UTC' }, () => {
    // A callback is late by less than its second: the instant it was due is the second that has just begun.
    began(Math.floor(Date.now() / 1_000) * 1_000);
  });
}
await tell(load);
process.exit();

import type { TicketDetail, TicketRow } from '@kora/runtime/client';
import type { Console } from '../../output/console.ts';
import { dollars } from '../../output/dollars.ts';
import { plain, tint } from '../../output/style.ts';
import { ago } from '../../output/time.ts';

export function ticketLines(row: TicketRow | TicketDetail, out: Console): readonly string[] {
  const { style, now } = out;
  const why = row.statusReason === null ? '' : `: ${plain(row.statusReason)}`;
  const particulars = [row.priority, ...(row.critical ? ['critical'] : [])];
  const failed = Object.entries(row.failureCountByReason).map(
    ([reason, times]) => `${plain(reason)} ${times}`,
  );
  return [
    `${style.strong(`ticket ${row.ticketId}`)}  ${plain(row.title)}`,
    ...out.facts([
      ['status', `${tint(style, row.status)}${why}`],
      ...maybe('waiting', row.notRunnableReason),
      ['kind', `${row.kind}, ${particulars.join(', ')}`],
      ...maybe('objective', row.objective === '' ? null : row.objective),
      ...maybe('payload', Object.keys(row.payload).length === 0 ? null : JSON.stringify(row.payload)),
      ['origin', `${plain(row.origin)}${row.trusted ? '' : ' (untrusted)'}`],
      ...maybe('assigned', row.assignedTo === 'kora' ? null : `to ${row.assignedTo}`),
      ['created', ago(row.createdAt, now)],
      ...when('claimed', row.claimedAt, now),
      ...when('deadline', row.deadline, now),
      ...when('deferred', row.deferredAt, now),
      ...when('eligible', row.nextEligibleAt, now),
      ...when('resolved', row.resolvedAt, now),
      ['attempts', `${row.attempts} of ${row.attemptCeiling}, ${row.failures} failed, fence ${row.fence}`],
      ...maybe('failures', failed.length === 0 ? null : failed.join(', ')),
      ...maybe('model', row.modelTier),
      ...maybe('cost', 'outcomes' in row ? costOf(row) : null),
      ...maybe('progress', row.progress === null ? null : JSON.stringify(row.progress)),
      ...maybe('summary', row.summary),
      ...maybe('result', row.result === null ? null : JSON.stringify(row.result)),
    ]),
  ];
}

/** What its attempts have said that thinking took; null where nothing was thought. */
function costOf({ outcomes }: TicketDetail): string | null {
  const known = outcomes.flatMap(({ costUsd }) => costUsd ?? []);
  if (known.length === 0) return null;
  const sum = known.reduce((total, each) => total + each, 0);
  return `${dollars(sum)} in ${known.length} attempt${known.length === 1 ? '' : 's'}`;
}

type Fact = readonly [name: string, value: string];

function maybe(name: string, value: string | null): readonly Fact[] {
  return value === null ? [] : [[name, plain(value)]];
}

function when(name: string, at: string | null, now: number): readonly Fact[] {
  return at === null ? [] : [[name, ago(at, now)]];
}

/** What happened to it, oldest first. */
export function timelineLines(ticket: TicketDetail, out: Console): readonly string[] {
  if (ticket.timeline.length === 0) return [];
  const rows = out.table(
    ticket.timeline,
    [
      { title: 'when', of: (row) => ago(row.at, out.now) },
      { title: 'what', of: (row) => row.what },
      { title: 'fence', of: (row) => (row.fence === null ? '' : String(row.fence)), right: true },
      { title: 'event', of: (row) => (row.seq === null ? '' : `#${row.seq}`), right: true },
      { title: '', of: (row) => row.words, flexible: true },
    ],
    '',
  );
  return ['', ...rows];
}

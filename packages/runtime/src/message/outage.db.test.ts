import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { gatherBacklog } from './backlog.ts';
import type { OutboundMessage } from './contract.ts';
import { messageBench, outside } from './testing/bench.ts';
import type { MessageBench } from './testing/bench.ts';

const services = ['disk', 'shop', 'mail', 'feed', 'dns', 'cpu'] as const;
const hours = 24;
const perMinute = 6;

/** An hour goes by, for the store as for the runtimes. */
async function passHour(bench: MessageBench): Promise<void> {
  await bench.database.transaction(async (tx) => {
    await tx.query('lock table kora.outbox in exclusive mode');
    await tx.query(`update kora.message set created_at = created_at - interval '1 hour'`);
    await tx.query(`update kora.outbox set due_at = due_at - interval '1 hour',
      leased_until = leased_until - interval '1 hour'`);
    await tx.query(`update kora.channel set down_since = down_since - interval '1 hour'`);
  });
  await bench.clock.advance(3_600_000);
}

async function left(database: Database): Promise<number | undefined> {
  const [row] = await database.query<{ left: number }>('select count(*)::int as left from kora.outbox');
  return row?.left;
}

test('a channel that is down for a day and then back: all is told, the newest state first, at its pace, and the many in one', async () => {
  const bench = await messageBench();
  const handed: { readonly at: number; readonly message: OutboundMessage }[] = [];
  const slack = outside((message) => {
    if (isDown) return Promise.reject(new Error('503'));
    handed.push({ at: bench.clock.monotonic(), message });
    return Promise.resolve({ receipt: `r${message.messageId}` });
  });
  let isDown = true;
  await bench.database.query(`insert into kora.inbound (workspace_id, channel, provider_id, conversation)
    values (1, 'slack', 'p', 'c')`);
  const running = bench.start([slack], bench.database, { perMinute: 1_000 });
  let accepted = 0;
  const accept = async (title: string, thread: string, rest: object = {}): Promise<void> => {
    await bench.accept({ title, thread, channel: 'slack', ...rest });
    accepted += 1;
  };
  for (let hour = 0; hour < hours; hour += 1) {
    for (const service of [...services, `once ${hour}`])
      await accept(`${service} at ${hour}`, service, {
        severity: service === 'disk' && hour === 3 ? 'critical' : 'info',
      });
    if (hour === 5) await accept('yes', 'c', { answers: 1 });
    const tried = slack.sent.length;
    running.kick();
    await bench.until(() => expect(slack.sent.length).toBeGreaterThan(tried));
    await passHour(bench);
  }
  await running.stop();
  expect(handed).toEqual([]);
  await passHour(bench);

  isDown = false;
  const fresh = Array.from({ length: 2 * perMinute }, (_, n) => `new ${n}`);
  for (const title of fresh) await accept(title, title);
  bench.start([slack], bench.database, { perMinute });
  await bench.until(async () => expect(await left(bench.database)).toBe(0));

  // In this order: what is critical, the answer to somebody, what is new, and in one message the rest of the day.
  const waited = hours * services.length;
  const titles = handed.map(({ message }) => message.title);
  expect(titles).toEqual(['disk at 23', 'yes', ...fresh, `${waited} messages waited for slack`]);
  const [disk, , ...others] = handed.map(({ message }) => message);
  const linesOf = (body = ''): string[] =>
    [...body.matchAll(/^- [-0-9: ]{16} {2}(.*)$/gm)].flatMap(([, title]) => title ?? []);
  const earlier = Array.from({ length: hours - 1 }, (_, n) => `disk at ${hours - 2 - n}`);
  expect(linesOf(disk?.body)).toEqual(earlier);
  const whole = others.at(-1)?.body;
  const told = linesOf(whole);
  expect(told.slice(0, services.length).toSorted()).toEqual(
    [...services.slice(1), 'once 23'].map((service) => `${service} at 23`).toSorted(),
  );
  const at = told.map((title) => Number(/ at (\d+)$/.exec(title)?.[1]));
  expect(at).toEqual(at.toSorted((one, other) => other - one));
  expect(whole).toContain(`… and ${waited - told.length} more. All of them: kora inbox`);

  // Nothing is lost and nothing told twice: each is delivered, by itself or within one that was sent.
  const rows = await bench.database.query<{ through: number }>(
    `select coalesce(d.within, d.message_id) as through from kora.delivery d join kora.message m using (workspace_id, message_id)
     where m.thread not like 'waited:%'`,
  );
  expect(rows).toHaveLength(accepted);
  expect(new Set(rows.map(({ through }) => through))).toEqual(
    new Set(handed.map(({ message }) => message.messageId)),
  );
  expect(new Set(handed.map(({ message }) => message.key)).size).toBe(handed.length);

  // No more within any minute than the channel is given.
  const spans = handed.slice(perMinute).map(({ at: last }, n) => last - (handed[n]?.at ?? last));
  expect(Math.min(...spans)).toBeGreaterThanOrEqual(60_000);
}, 60_000);

test('what somebody else holds just now is not gathered without it: the many stay one message', async () => {
  const bench = await messageBench();
  const slack = outside();
  for (const title of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    await bench.accept({ title, thread: title, channel: 'slack' });
  await bench.accept({ title: 'now', thread: 'now', channel: 'slack', severity: 'critical' });
  await bench.database.query(`update kora.message set created_at = created_at - interval '1 hour'`);
  const held = Promise.withResolvers<undefined>();
  const holding = Promise.withResolvers<undefined>();
  const other = bench.database.transaction(async (tx) => {
    await tx.query(`select from kora.outbox o join kora.message m using (workspace_id, message_id)
      where m.title in ('a', 'h') for update of o`);
    holding.resolve(undefined);
    await held.promise;
  });
  await holding.promise;
  bench.start([slack]);
  // What is critical does not wait for it.
  await bench.until(() => expect(slack.sent).toEqual(['now']));
  held.resolve(undefined);
  await other;
  await bench.until(async () => expect(await left(bench.database)).toBe(0));
  expect(slack.sent).toEqual(['now', '8 messages waited for slack']);
});

test('what is critical waits for nobody who had what is before it in hand, and could not tell it', async () => {
  const bench = await messageBench();
  const { promise, reject } = Promise.withResolvers<never>();
  let isSlow = true;
  const slack = outside(() => (isSlow ? promise : Promise.resolve({ receipt: 'r' })));
  for (const title of services) await bench.accept({ title, thread: title, channel: 'slack' });
  await bench.database.query(`update kora.message set created_at = created_at - interval '1 hour'`);
  const all = { from: '00:00', to: '23:59', zone: 'UTC', warnings: 'wait' } as const;
  const day = bench.start([slack]);
  await bench.until(() => expect(slack.sent).toEqual([`${services.length} messages waited for slack`]));
  await bench.accept({ title: 'now', thread: 'disk', channel: 'slack', severity: 'critical' });
  reject(new Error('503'));
  await bench.until(async () =>
    expect(await bench.database.query('select from kora.outbox where attempts > 0')).not.toEqual([]),
  );
  await day.stop();
  isSlow = false;
  bench.start([slack], bench.database, { quietHours: all });
  await bench.until(async () => {
    const told = (await bench.list()).filter(({ status }) => status === 'delivered');
    expect(told.map(({ title }) => title)).toEqual(['disk', 'now']);
  });
});

test('the way of what is critical is clear, also when what waited is gathered just then', async () => {
  const bench = await messageBench();
  const { database } = bench;
  const stage = (): Promise<void> => Promise.resolve();
  const gather = () =>
    database.transaction((tx) =>
      gatherBacklog(tx, { workspaceId: 1, stage }, 'slack', { staleMs: 600_000, burst: 5 }),
    );
  const tell = (severity: 'info' | 'critical') =>
    Promise.all(
      services.map((thread) => bench.accept({ title: severity, thread, channel: 'slack', severity })),
    );
  for (let round = 0; round < 15; round += 1) {
    await database.query('delete from kora.outbox');
    for (let hour = 0; hour < 3; hour += 1) {
      await tell('info');
      await passHour(bench);
      expect(await gather()).toBe(true);
    }
    await tell('info');
    await passHour(bench);
    await Promise.all([tell('critical'), gather(), gather()]);
    const [ways] = await database.query<{ clear: boolean }>(
      `select not exists (select from kora.outbox o join kora.outbox c on c.thread = o.thread and c.message_id > o.message_id
         and c.severity = 'critical' where o.severity <> 'critical') as clear`,
    );
    expect(ways).toEqual({ clear: true });
  }
}, 60_000);

import { expect, test } from 'vitest';
import { acceptMessage } from './outbox.ts';
import { againKey, takeBack } from './returned.ts';
import type { Returned } from './returned.ts';
import { messageBench, outside } from './testing/bench.ts';
import type { MessageBench } from './testing/bench.ts';

const cause = '018f0000-0000-7000-8000-000000000001';

/** As the door of a channel says it, with this way for what comes back. */
function returning(
  { database }: MessageBench,
  elsewhere: readonly string[],
): (report: Returned) => Promise<{ readonly answer: string; readonly told: readonly unknown[] }> {
  return (report) =>
    database.transaction(async (tx) => {
      const told: unknown[] = [];
      const stage = (_: unknown, drafts: readonly { readonly payload: unknown }[]): Promise<void> => {
        told.push(...drafts.map(({ payload }) => payload));
        return Promise.resolve();
      };
      const answer = await takeBack(
        tx,
        {
          workspaceId: 1,
          stage,
          elsewhere: (channel) => elsewhere.filter((name) => name !== channel),
          tell: async (db, message) => {
            await acceptMessage(db, { workspaceId: 1, stage: () => Promise.resolve() }, message);
          },
        },
        report,
      );
      return { answer, told };
    });
}

test('a receipt that nothing was told under is unknown, also one of another channel, and changes nothing', async () => {
  const bench = await messageBench();
  await bench.accept({ channel: 'mail' });
  bench.start([outside(() => Promise.resolve({ receipt: '<a@mail>' }), 'mail')]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  const back = returning(bench, ['mail', 'slack', 'inbox']);
  for (const [channel, receipt] of [
    ['mail', '<b@mail>'],
    ['slack', '<a@mail>'],
  ] as const)
    expect(await back({ channel, receipt, reason: 'x' })).toEqual({ answer: 'unknown', told: [] });
  expect(await bench.list()).toMatchObject([{ status: 'delivered' }]);
});

test('what came back stands as failed and is told elsewhere once, whole and with why, as the same word about the same', async () => {
  const bench = await messageBench();
  await bench.database.query(`insert into kora.inbound (workspace_id, channel, provider_id, conversation)
    values (1, 'mail', 'p', 'c')`);
  const body = 'x'.repeat(50_000);
  await bench.accept({
    channel: 'mail',
    severity: 'critical',
    title: 'Disk',
    body,
    answers: 1,
    correlationId: cause,
    causationId: cause,
  });
  const slack = outside(undefined, 'slack');
  bench.start([outside(() => Promise.resolve({ receipt: '<a@mail>' }), 'mail'), slack]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  const [first] = await bench.list();
  const back = returning(bench, ['mail', 'slack', 'inbox']);
  const report = { channel: 'mail', receipt: '<a@mail>', reason: `550 \0no such user${'!'.repeat(2_000)}` };
  const once = await back(report);
  expect(once).toMatchObject({
    answer: 'rerouted',
    told: [{ message_id: first?.messageId, channel: 'mail', to: 'slack' }],
  });
  expect(await back(report)).toEqual({ answer: 'rerouted', told: [] });
  await bench.until(() => expect(slack.sent).toEqual(['Disk']));
  const [failed, again, ...more] = await bench.list();
  expect([failed?.status, more]).toEqual(['failed', []]);
  expect(again).toMatchObject({
    key: againKey(first?.messageId ?? 0),
    channel: 'slack',
    thread: first?.thread,
    severity: 'critical',
    correlationId: cause,
  });
  // Nothing of why is lost for the length of what it is about, and it is no longer than a channel has room for.
  expect(again?.body).toHaveLength(50_000);
  expect(again?.body).toMatch(
    /^x{40000}.*\n\n\(It was sent over mail and came back: 550 .*no such user!+\)$/s,
  );
  const kept = await bench.database.query(
    `select answers, fallback from kora.message left join kora.outbox using (workspace_id, message_id)
     where key = $1`,
    [again?.key],
  );
  expect(kept).toMatchObject([{ answers: 1 }]);
});

test('without another channel it goes to the inbox', async () => {
  const bench = await messageBench();
  await bench.accept({ channel: 'mail' });
  bench.start([outside(() => Promise.resolve({ receipt: '<a@mail>' }), 'mail')]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  const { answer } = await returning(bench, [])({ channel: 'mail', receipt: '<a@mail>', reason: 'full' });
  expect(answer).toBe('rerouted');
  await bench.until(() => expect(bench.shown).toEqual(['hello']));
});

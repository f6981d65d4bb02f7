import { expect, test } from 'vitest';
import { acceptMessage, listMessages, listUndelivered } from './index.ts';
import { messageBench, outside } from './testing/bench.ts';

const refuses = (): Promise<never> => Promise.reject(new Error('429\0'));

test('a message is told once for its key, also when it is accepted many times at once', async () => {
  const bench = await messageBench();
  const accepted = await Promise.all([1, 2, 3].map(() => bench.accept({ key: 'incident:1:open' })));
  expect(accepted.filter(Boolean)).toHaveLength(1);
  bench.start();
  await bench.until(() => expect(bench.shown).toEqual(['hello']));
  expect(await bench.accept({ key: 'incident:1:open' })).toBe(false);
  expect(await bench.list()).toMatchObject([{ status: 'delivered', attempts: 1, error: null }]);
  expect(await bench.staged()).toEqual(['notification.accepted', 'notification.delivered']);
});

test.each([
  ['an empty title', { title: ' ' }],
  ['an unknown severity', { severity: 'fatal' as 'info' }],
  ['a key that the store would change', { key: 'a\0' }],
  ['no thread', { thread: '' }],
])('a message with %s is refused', async (_, message) => {
  const bench = await messageBench();
  await expect(bench.accept(message)).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
});

test('a message that rolls back with its transaction was never accepted', async () => {
  const bench = await messageBench();
  const { database } = bench;
  const message = { key: 'k', thread: 't', severity: 'info', title: 'x', body: '', source: 's' } as const;
  const undone = database.transaction(async (tx) => {
    await acceptMessage(tx, { workspaceId: 1, stage: () => Promise.resolve() }, message);
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  expect(await bench.list()).toEqual([]);
  expect(await bench.accept({ key: 'k' })).toBe(true);
});

test('messages of one thread arrive in their order, even when the first is refused for a while', async () => {
  const bench = await messageBench();
  let refuse = true;
  const slack = outside(() => (refuse ? refuses() : Promise.resolve({ receipt: 'r' })));
  for (const title of ['first', 'second']) await bench.accept({ title, channel: 'slack' });
  await bench.accept({ title: 'elsewhere', channel: 'slack', thread: 'other' });
  bench.start([slack]);
  await bench.until(() => expect(slack.sent).toEqual(['first', 'elsewhere']));
  await bench.passTime();
  await bench.until(() => expect(slack.sent).toEqual(['first', 'elsewhere', 'first', 'elsewhere']));
  refuse = false;
  await bench.passTime();
  await bench.until(async () =>
    expect((await bench.list()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']),
  );
  expect(slack.sent.slice(4).filter((title) => title !== 'elsewhere')).toEqual(['first', 'second']);
});

test('a channel that fails backs off, says why, and the others go on', async () => {
  const bench = await messageBench();
  const slack = outside(refuses);
  await bench.accept({ channel: 'slack' });
  for (const title of ['a', 'b']) await bench.accept({ title });
  bench.start([slack]);
  await bench.until(() => expect(bench.shown).toEqual(['a', 'b']));
  for (let tries = 1; tries <= 3; tries += 1) {
    await bench.until(() => expect(slack.sent).toHaveLength(tries));
    await bench.until(async () =>
      expect((await bench.list())[0]).toMatchObject({
        status: 'pending',
        attempts: tries,
        error: '429\ufffd',
      }),
    );
    const [row] = await bench.database.query<{ waits: boolean }>(
      `select due_at > clock_timestamp() + make_interval(secs => $1) as waits from kora.outbox`,
      [0.6 * 2 ** (tries - 1) - 0.5],
    );
    expect(row).toEqual({ waits: true });
    await bench.passTime();
  }
  expect(await listUndelivered(bench.database, 1)).toMatchObject([{ channel: 'slack' }]);
});

test('a channel that hangs delays only itself', async () => {
  const bench = await messageBench();
  const slack = outside(() => new Promise(() => undefined));
  await bench.accept({ channel: 'slack' });
  const running = bench.start([slack]);
  await bench.until(() => expect(slack.sent).toHaveLength(1));
  await bench.accept({ title: 'quick' });
  running.kick();
  await bench.until(() => expect(bench.shown).toEqual(['quick']));
  await bench.clock.advance(30_000);
  await bench.until(async () =>
    expect((await bench.list())[0]?.error).toMatch(/did not finish within 30000 ms/),
  );
});

test.each([
  ['nothing', undefined],
  ['no receipt', {}],
  ['a receipt that the store would change', { receipt: '\0' }],
])('a channel that answers %s has sent the message: it is not sent again', async (_, answer) => {
  const bench = await messageBench();
  const slack = outside(() => Promise.resolve(answer));
  await bench.accept({ channel: 'slack' });
  bench.start([slack]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  expect(slack.sent).toHaveLength(1);
});

test('a crash between the send and its mark tells an outside channel again, under the same key', async () => {
  const bench = await messageBench();
  const keys: string[] = [];
  const slack = outside(({ key, messageId }) => {
    keys.push(`${key}:${messageId}`);
    return Promise.resolve({ receipt: 'r' });
  });
  await bench.accept({ key: 'once', channel: 'slack' });
  const first = bench.start([slack], {
    ...bench.database,
    transaction: (work) =>
      bench.database.transaction(async (tx) => {
        const value = await work(tx);
        if (value === true) await tx.query('select pg_terminate_backend(pg_backend_pid())');
        return value;
      }),
  });
  await bench.until(() => expect(keys.length).toBeGreaterThan(0));
  await first.stop();
  expect((await bench.list())[0]?.status).toBe('pending');
  await bench.passTime();
  bench.start([slack]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  expect(new Set(keys)).toEqual(new Set([keys[0]]));
});

test('two runtimes that empty one outbox tell each message once', async () => {
  const bench = await messageBench();
  const slack = outside();
  for (let n = 0; n < 10; n += 1) {
    await bench.accept({ title: `in ${n}`, thread: `t${n % 3}` });
    await bench.accept({ title: `out ${n}`, thread: `t${n % 3}`, channel: 'slack' });
  }
  bench.start([slack]);
  bench.start([slack]);
  await bench.until(async () =>
    expect((await bench.list()).every(({ status }) => status === 'delivered')).toBe(true),
  );
  expect(bench.shown).toHaveLength(10);
  expect(slack.sent).toHaveLength(10);
  for (const told of [bench.shown, slack.sent]) {
    const thread = told.filter((title) => Number(title.split(' ')[1]) % 3 === 0);
    expect(thread).toEqual(thread.toSorted());
  }
});

test('a terminal that cannot print has no say in what was delivered', async () => {
  const bench = await messageBench();
  bench.shown.push = () => {
    throw new Error('EPIPE');
  };
  await bench.accept();
  bench.start();
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  expect(bench.errors).toEqual([]);
});

test('a stop leaves what is being sent in the outbox and holds nobody', async () => {
  const bench = await messageBench();
  const slack = outside(() => new Promise(() => undefined));
  await bench.accept({ channel: 'slack' });
  const running = bench.start([slack]);
  await bench.until(() => expect(slack.sent).toHaveLength(1));
  await running.stop();
  expect((await bench.list())[0]).toMatchObject({ status: 'pending', attempts: 0 });
});

test('messages after an id come in order; without one, the newest', async () => {
  const bench = await messageBench();
  for (let n = 1; n <= 5; n += 1) await bench.accept({ title: `m${n}` });
  const titles = async (query: { after?: number; limit: number }): Promise<string[]> =>
    (await listMessages(bench.database, 1, query)).map(({ title }) => title);
  expect(await titles({ limit: 2 })).toEqual(['m4', 'm5']);
  expect(await titles({ after: 1, limit: 2 })).toEqual(['m2', 'm3']);
});

test('the operator is told under every stop, and by a process that is being killed', async () => {
  const bench = await messageBench();
  const slack = outside();
  bench.start([slack]);
  const states = [{ stopLevel: 2 }, { stopLevel: 5 }, { stopLevel: 5, killed: true }];
  for (const [at, state] of states.entries()) {
    bench.door.move(state);
    await bench.accept({ title: `inbox ${at}` });
    await bench.accept({ title: `slack ${at}`, channel: 'slack' });
    await bench.until(() => {
      expect(bench.shown).toContain(`inbox ${at}`);
      expect(slack.sent).toContain(`slack ${at}`);
    });
  }
  expect(bench.door.refusals).toEqual([]);
});

test('what the door does not understand is not sent, and is tried again', async () => {
  const bench = await messageBench();
  const slack = outside(undefined, 'no such name'.repeat(20));
  bench.start([slack]);
  await bench.accept({ title: 'lost', channel: slack.name });
  await bench.until(async () => {
    expect(await bench.staged()).toContain('notification.delivery_failed');
  });
  expect(slack.sent).toEqual([]);
  const [message] = await bench.list();
  expect(message).toMatchObject({
    title: 'lost',
    deliveredAt: null,
    error: expect.stringContaining('invalid_context') as string,
  });
  expect(bench.door.refusals[0]).toMatchObject({ door: 'outbound_message', cause: 'invalid_context' });
});

test('a message that its channel keeps refusing goes to the next one, and says so (daemon defect W35)', async () => {
  const bench = await messageBench();
  const chat = outside(refuses, 'chat');
  const mail = outside(refuses, 'mail');
  await bench.accept({ channel: 'chat', fallback: ['mail', 'inbox'] });
  bench.start([chat, mail]);
  for (const each of [chat, mail])
    for (let tries = 1; tries <= 3; tries += 1) {
      await bench.until(() => expect(each.sent).toHaveLength(tries));
      await bench.until(async () => expect((await bench.staged()).at(-1)).not.toBe('notification.accepted'));
      await bench.passTime();
    }
  await bench.until(() => expect(bench.shown).toEqual(['hello']));
  expect(await bench.list()).toMatchObject([{ status: 'delivered', channel: 'inbox' }]);
  expect((await bench.staged()).filter((type) => type === 'notification.rerouted')).toHaveLength(2);
  expect([chat.sent.length, mail.sent.length]).toEqual([3, 3]);
});

test('a message waits a minute for a channel that is not there, if there is another', async () => {
  const bench = await messageBench();
  await bench.accept({ title: 'first', channel: 'email', fallback: ['inbox'], correlationId: 'story' });
  await bench.accept({ title: 'nowhere else', channel: 'email' });
  bench.start();
  await bench.until(() => expect(bench.clock.monotonic()).toBeGreaterThan(30_000));
  expect(bench.shown).toEqual([]);
  await bench.database.query(`update kora.outbox set due_at = clock_timestamp() - interval '61 s'`);
  await bench.until(() => expect(bench.shown).toEqual(['first']));
  expect((await bench.list()).map(({ status, channel }) => [status, channel])).toEqual([
    ['delivered', 'inbox'],
    ['pending', 'email'],
  ]);
  const rerouted = await bench.database.query<{ story: string }>(
    `select correlation_id as story from kora.stage where type = 'notification.rerouted' and causation_id is not null`,
  );
  expect(rerouted).toEqual([{ story: 'story' }]);
});

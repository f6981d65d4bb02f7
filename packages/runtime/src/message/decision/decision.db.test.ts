import { expect, test } from 'vitest';
import type { EventDraft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { OutboundMessage } from '../contract.ts';
import { messageBench, outside } from '../testing/bench.ts';
import { acceptMessage } from '../outbox.ts';
import type { Decider } from './contract.ts';
import { Decisions } from './decisions.ts';
import { drillStarted } from './events.ts';
import { endDrill, hurryDrills, startDrill } from './drill.ts';
import { askDecision, waitsOrDenied } from './rows.ts';

/** A question that is asked over a channel, and whoever has what it is about. */
async function questionBench(spanMs = 60_000) {
  const bench = await messageBench();
  const { database } = bench;
  const handed: OutboundMessage[] = [];
  const shown: string[] = [];
  const deeds: string[] = [];
  /** What the channel and its provider do from now on. */
  const provider = { isHere: true, isBroken: false };
  let elsewhere: Awaited<ReturnType<Decider['ended']>> = [];
  const chat = {
    ...outside((message) => {
      handed.push(message);
      return Promise.resolve({ receipt: `r${handed.length}` });
    }, 'chat'),
    settle: (receipt: string, outcome: string) => {
      shown.push(`${receipt} ${outcome}`);
      return provider.isBroken ? Promise.reject(new Error('503')) : Promise.resolve();
    },
  };
  const stage = async (tx: Transaction, drafts: readonly EventDraft[]): Promise<void> => {
    for (const each of drafts) deeds.push(each.type);
    await tx.query('select 1');
  };
  const context = { workspaceId: 1, stage };
  const decider: Decider = {
    kind: 'approval',
    decide: ({ subject, verdict }, marked) =>
      database.transaction((tx) =>
        marked(tx, () => {
          deeds.push(`${verdict} ${subject}`);
          return Promise.resolve();
        }),
      ),
    ended: () => Promise.resolve(elsewhere),
  };
  const drill: Decider = {
    kind: 'drill',
    decide: ({ subject }, marked) => database.transaction((tx) => marked(tx, () => endDrill(tx, 1, subject))),
    ended: () => Promise.resolve([]),
    over: (tx, subject) => endDrill(tx, 1, subject),
  };
  const broken: Decider = {
    kind: 'broken',
    decide: () => Promise.reject(new Error('broken')),
    ended: () => Promise.reject(new Error('broken')),
  };
  const decisions = new Decisions({
    ...context,
    database,
    clock: bench.clock,
    operator: 'operator',
    deciders: [broken, decider, drill],
    channel: (name) => (name === 'chat' && provider.isHere ? chat : undefined),
    ask: () => Promise.resolve(),
    onError: (_, error) => bench.errors.push(error),
  });
  await database.query(
    `insert into kora.actor (workspace_id, actor_id, kind) values (1, 'operator', 'operator') on conflict do nothing`,
  );
  const ask = (lastsMs = spanMs): Promise<number> =>
    database.transaction(async (tx) => {
      const words = {
        thread: 'a',
        severity: 'warning',
        title: 'may it?',
        body: '',
        source: 'approval',
      } as const;
      await acceptMessage(tx, context, { key: 'approval:7', ...words, channel: 'chat' });
      return askDecision(tx, context, {
        kind: 'approval',
        subject: '7',
        asker: 'tides',
        title: 'may it?',
        expiresAt: new Date(Date.now() + lastsMs),
        messages: ['approval:7'],
      });
    });
  const given = { providerId: 'p', sender: 'U1', channel: 'chat' } as const;
  const look = (): Promise<void> => decisions.look(new AbortController().signal);
  return {
    ...bench,
    chat,
    handed,
    shown,
    deeds,
    provider,
    decisions,
    ask,
    given,
    look,
    context,
    endElsewhere: (ended: typeof elsewhere) => {
      elsewhere = ended;
    },
  };
}

test('a code answers one decision, once; what became of it is shown where it was asked', async () => {
  const bench = await questionBench();
  const decisionId = await bench.ask();
  bench.start([bench.chat]);
  await bench.until(() => expect(bench.handed[0]?.decision?.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/));
  const code = bench.handed[0]?.decision?.code ?? '';
  expect(await bench.decisions.count()).toBe(1);
  const answers = await Promise.all(
    [code, code.toLowerCase(), ` ${code}`].map((typed) =>
      bench.decisions.decide({ ...bench.given, code: typed, verdict: 'approve' }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    'answered',
    'answered_before',
    'answered_before',
  ]);
  expect(bench.deeds.filter((deed) => deed === 'approve 7')).toHaveLength(1);
  expect(await bench.decisions.find(decisionId)).toMatchObject({
    status: 'answered',
    verdict: 'approve',
    answeredBy: 'operator',
    answeredVia: 'chat',
  });
  await bench.until(async () => {
    await bench.look();
    expect(bench.shown).toEqual(['r1 approved (chat): may it?']);
  });
  await bench.look();
  expect(bench.shown).toHaveLength(1);
});

test('what goes to whoever asked goes with a code as well; what cannot be shown is tried again, and not in a hurry', async () => {
  const bench = await questionBench();
  const decisionId = await bench.ask();
  bench.start([bench.chat]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  const code = bench.handed[0]?.decision?.code ?? '';
  await bench.decisions.decide({ ...bench.given, code, verdict: 'deny', note: 'not today' });
  expect(await bench.decisions.find(decisionId)).toMatchObject({ verdict: 'deny', note: 'not today' });
  const settled = async (): Promise<unknown> =>
    (await bench.database.query('select settled_at is not null as is from kora.decision'))[0];
  // A channel that is not here yet has buttons all the same.
  bench.provider.isHere = false;
  await bench.look();
  expect(await settled()).toEqual({ is: false });
  Object.assign(bench.provider, { isHere: true, isBroken: true });
  await bench.clock.advance(10_000);
  for (let looks = 0; looks < 5; looks += 1) await bench.look();
  expect([bench.shown.length, bench.errors.length]).toEqual([1, 1]);
  bench.provider.isBroken = false;
  await bench.clock.advance(20_000);
  await bench.look();
  expect(bench.shown).toHaveLength(2);
  expect(await settled()).toEqual({ is: true });
});

test('of a code nothing is kept but its hash', async () => {
  const bench = await questionBench();
  await bench.ask();
  bench.start([bench.chat]);
  await bench.until(() => expect(bench.handed).toHaveLength(1));
  const code = bench.handed[0]?.decision?.code ?? 'none';
  for (const table of ['decision', 'decision_code', 'message', 'outbox', 'delivery']) {
    const rows = await bench.database.query<{ row: string }>(`select t::text as row from kora.${table} t`);
    expect(rows.map(({ row }) => row).join('\n')).not.toContain(code);
  }
});

test('what is over by itself, or was answered elsewhere, is over here, and its message shows it', async () => {
  const late = await questionBench(-1_000);
  const lateId = await late.ask();
  await late.look();
  expect(await late.decisions.find(lateId)).toMatchObject({ status: 'expired' });
  expect(
    await late.decisions.answer({
      decisionId: lateId,
      verdict: 'approve',
      by: 'operator',
      via: 'api',
      note: null,
    }),
  ).toMatchObject({ status: 'over' });

  const bench = await questionBench();
  const decisionId = await bench.ask();
  bench.start([bench.chat]);
  await bench.until(async () => expect((await bench.list())[0]?.status).toBe('delivered'));
  bench.endElsewhere([{ subject: '7', status: 'answered', verdict: 'deny', by: 'operator' }]);
  await bench.look();
  expect(await bench.decisions.find(decisionId)).toMatchObject({ status: 'answered', verdict: 'deny' });
  expect(bench.shown).toEqual(['r1 denied (terminal or page): may it?']);
});

test('who answered in time answered, whenever that is seen; who has no word here ends it; one that lapsed is asked anew', async () => {
  const bench = await questionBench();
  const asked = { kind: 'broken', asker: 'a', title: 't', expiresAt: new Date(Date.now() + 60_000) };
  for (const subject of ['1', '2'])
    await bench.database.transaction((tx) => askDecision(tx, bench.context, { ...asked, subject }));
  const lapsed = await bench.ask(-1_000);
  const again = await bench.ask(-1_000);
  expect(again).not.toBe(lapsed);
  const statusOf = async (id: number) => {
    const [row] = await bench.database.query(
      'select status, verdict from kora.decision where decision_id = $1',
      [id],
    );
    return row;
  };
  expect(await statusOf(lapsed)).toEqual({ status: 'expired', verdict: null });
  const answered = { subject: '7', status: 'answered', verdict: 'approve' } as const;
  bench.endElsewhere([{ ...answered, by: 'operator' }]);
  await bench.look();
  expect(await statusOf(again)).toEqual({ status: 'answered', verdict: 'approve' });
  const third = await bench.ask(60_000);
  bench.endElsewhere([{ ...answered, by: 'somebody' }]);
  await bench.look();
  expect(await statusOf(third)).toEqual({ status: 'withdrawn', verdict: null });
  // What cannot tell of its subjects holds up nobody else.
  expect(bench.errors.map(String)).toEqual(['Error: broken', 'Error: broken']);
});

test('who guesses codes is not listened to for a while', async () => {
  const bench = await questionBench();
  for (let n = 0; n < 10; n += 1)
    expect(
      await bench.decisions.decide({ ...bench.given, code: `0000000${n}`, verdict: 'approve' }),
    ).toMatchObject({
      status: 'unknown',
    });
  const guess = { ...bench.given, code: '00000000', verdict: 'approve' } as const;
  expect(await bench.decisions.decide(guess)).toMatchObject({ status: 'refused' });
  await bench.clock.advance(600_000);
  expect(await bench.decisions.decide(guess)).toMatchObject({ status: 'unknown' });
  // All at once they are as many.
  const other = Array.from({ length: 30 }, () => bench.decisions.decide({ ...guess, sender: 'U2' }));
  const unknown = (await Promise.all(other)).filter(({ status }) => status === 'unknown');
  expect(unknown).toHaveLength(10);
});

test('whether a question was asked before is known without a look at all the others', async () => {
  const { database } = await questionBench();
  await database.query(
    `insert into kora.decision (workspace_id, kind, subject, asker, title, expires_at, status, ended_at)
     select 1, 'ticket', n::text, 'a', 't', now(), 'withdrawn', now() from generate_series(1, 20000) n`,
  );
  await database.query('analyze kora.decision');
  const plan: string[] = [];
  const explained = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    plan.push(...rows.map((row) => row['QUERY PLAN']));
    return [];
  };
  await waitsOrDenied({ ...database, query: explained }, 1, { kind: 'ticket', subject: '7' });
  expect(plan.join('\n')).toContain('Index');
  expect(plan.join('\n')).not.toContain('Seq Scan');
});

test('the store refuses a decision by anybody else, and one that changes', async () => {
  const bench = await questionBench();
  const decisionId = await bench.ask();
  const wish = { decisionId, verdict: 'approve', via: 'api', note: null } as const;
  await expect(bench.decisions.answer({ ...wish, by: 'stranger' })).rejects.toMatchObject({ code: 'KO001' });
  await bench.decisions.answer({ ...wish, by: 'operator' });
  await expect(
    bench.database.query(`update kora.decision set verdict = 'deny' where decision_id = $1`, [decisionId]),
  ).rejects.toMatchObject({ code: 'KO002' });
});

test('a drill waits for no answer over a channel that refused; the next one is paged at once, and deny is heard too', async () => {
  const bench = await questionBench();
  const refuses = outside(() => Promise.reject(new Error('channel_not_found')), 'refuses');
  const drill = { waitMs: 3_600_000, reason: 'monthly', by: 'operator', now: Date.now() };
  const decisionId = await bench.database.transaction((tx) =>
    startDrill(tx, bench.context, { ...drill, channels: ['refuses', 'chat', 'inbox'], key: 'd1' }),
  );
  expect(await hurryDrills(bench.database, 1)).toBe(0);
  bench.start([refuses, bench.chat]);
  await bench.until(async () => {
    await hurryDrills(bench.database, 1);
    expect(bench.handed).toHaveLength(1);
  });
  // The one that took it has its whole time.
  expect(await hurryDrills(bench.database, 1)).toBe(0);
  const waits = await bench.database.query<{ channel: string; far: boolean }>(
    `select channel, due_at > clock_timestamp() + interval '30 minutes' as far from kora.outbox where channel = 'inbox'`,
  );
  expect(waits).toEqual([{ channel: 'inbox', far: true }]);
  const code = bench.handed[0]?.decision?.code ?? '';
  const { text } = await bench.decisions.decide({ ...bench.given, code, verdict: 'deny' });
  expect(text).toBe('heard, and not now (chat): a drill: did you hear? (monthly)');
  expect(await bench.decisions.find(decisionId)).toMatchObject({ status: 'answered', verdict: 'deny' });
});

test('a drill goes from channel to channel until somebody says to have heard; what was not sent is not sent', async () => {
  const bench = await questionBench();
  const deaf = outside(undefined, 'deaf');
  const decisionId = await bench.database.transaction((tx) =>
    startDrill(tx, bench.context, {
      channels: ['deaf', 'chat', 'inbox'],
      waitMs: 3_600_000,
      reason: 'monthly',
      by: 'operator',
      now: Date.now(),
      key: 'd1',
    }),
  );
  bench.start([deaf, bench.chat]);
  await bench.until(() => expect(deaf.sent).toHaveLength(1));
  expect(bench.handed).toEqual([]);
  await bench.database.query(`update kora.outbox set due_at = clock_timestamp() where channel = 'chat'`);
  await bench.until(() => expect(bench.handed).toHaveLength(1));
  const code = bench.handed[0]?.decision?.code ?? '';
  expect(await bench.decisions.decide({ ...bench.given, code, verdict: 'approve' })).toMatchObject({
    status: 'answered',
  });
  expect(await bench.decisions.find(decisionId)).toMatchObject({ answeredVia: 'chat' });
  await bench.until(async () =>
    expect((await bench.list()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'withdrawn']),
  );
  expect(bench.shown).toEqual([]);
  expect(bench.deeds).toContain(drillStarted.type);

  // Nor is what nobody answered in its time.
  await bench.database.transaction((tx) =>
    startDrill(tx, bench.context, {
      channels: ['away', 'inbox'],
      waitMs: 3_600_000,
      reason: 'monthly',
      by: 'operator',
      now: Date.now() - 86_400_000,
      key: 'd2',
    }),
  );
  await bench.look();
  expect((await bench.list()).slice(3).map(({ status }) => status)).toEqual(['withdrawn', 'withdrawn']);
});

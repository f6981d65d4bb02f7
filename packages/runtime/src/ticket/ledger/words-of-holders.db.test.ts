import { beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';
import { hold, lose, refusal } from '../testing/ledger.ts';
import type { HeldTicket } from '../testing/ledger.ts';
import { readHistory } from '../view/history.ts';
import { ProgressBook } from './progress.ts';

let bench: TicketBench;
beforeAll(async () => {
  const { database, drop } = await fileDatabase();
  bench = await ticketBench({ database });
  return drop;
});

async function held(): Promise<HeldTicket> {
  const { ticketId } = await bench.add();
  return hold(bench, ticketId);
}

function bookOf(database: Queryable = bench.database): {
  book: ProgressBook;
  clock: FakeClock;
  errors: unknown[];
} {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const { workspaceId } = bench.owner;
  const onError = (_: string, error: unknown): void => void errors.push(error);
  return {
    book: new ProgressBook({ database, workspaceId, clock, onError, scrub: (text) => text }),
    clock,
    errors,
  };
}

const holderOf = ({ claim, sessionId }: HeldTicket) => ({
  ticketId: claim.ticketId,
  fence: claim.fence,
  sessionId,
});

interface LeaseRow {
  readonly begun: number | null;
  readonly told: number | null;
  readonly left: number;
  readonly progress: unknown;
}

/** Seconds since it was begun and told, and until its deadline, which stood at 600 s when it was claimed. */
async function leaseOf({ claim }: HeldTicket): Promise<LeaseRow | undefined> {
  const [row] = await bench.database.query<LeaseRow>(
    `select extract(epoch from clock_timestamp() - started_at)::float8 as begun,
       extract(epoch from clock_timestamp() - progress_at)::float8 as told,
       extract(epoch from deadline - claimed_at)::float8 as left, progress
     from kora.ticket_lease where workspace_id = $1 and ticket_id = $2`,
    [bench.owner.workspaceId, claim.ticketId],
  );
  return row;
}

describe('a note', () => {
  test('is on the ticket under the fence of whoever said it, in order, without what must not be told', async () => {
    const first = await held();
    const { ticketId } = first.claim;
    await first.work.note('begun');
    await first.work.note('the word is hush\u0000');
    await lose(bench, first);
    const second = await hold(bench, ticketId);
    await second.work.note('x'.repeat(10_000));
    const notes = async () => (await readHistory(bench.database, bench.owner.workspaceId, ticketId)).notes;
    expect(await notes()).toMatchObject([
      { text: 'begun', fence: first.claim.fence },
      { text: 'the word is [secret]\uFFFD', fence: first.claim.fence },
      { text: 'x'.repeat(10_000), fence: second.claim.fence },
    ]);
    expect(await refusal(first.work.note('late'))).toBe('KORA_TICKET_STALE_FENCE');
    expect(await refusal(second.work.note(''))).toBe('KORA_TICKET_INVALID');
    expect(await refusal(second.work.note('x'.repeat(10_001)))).toBe('KORA_TICKET_INVALID');
    expect(await notes()).toHaveLength(3);
  });
});

describe('the progress book', () => {
  test('tells work as begun when it has gone on for a round, without moving its deadline; what ended before costs nothing', async () => {
    const [long, short] = [await held(), await held()];
    const { book, clock } = bookOf();
    book.begun(holderOf(long));
    book.begun(holderOf(short));
    expect(await book.flush()).toBe(0);
    expect(await bench.find(long.claim.ticketId)).toMatchObject({ status: 'claimed' });
    book.ended(holderOf(short));
    await clock.advance(2_000);
    expect(await book.flush()).toBe(1);
    expect(await bench.find(long.claim.ticketId)).toMatchObject({ status: 'in_progress' });
    expect(await leaseOf(short)).toMatchObject({ begun: null });
    const lease = await leaseOf(long);
    expect(lease?.begun).toBeGreaterThanOrEqual(2);
    expect(lease).toMatchObject({ told: null, progress: null });
    expect(lease?.left).toBeCloseTo(600, 0);
    expect(await book.flush()).toBe(0);
  });

  test('writes what all holders said in one statement, the last of each, and counts their deadlines from when they said it', async () => {
    const holders = [await held(), await held(), await held()];
    const [one, two, three] = holders;
    let statements = 0;
    const counting: Queryable = {
      query: (text, values, options) => {
        statements += 1;
        return bench.database.query(text, values, options);
      },
    };
    const { book, clock } = bookOf(counting);
    for (const { claim } of holders)
      await bench.database.query(
        `update kora.ticket_lease set claimed_at = claimed_at - interval '300 s', deadline = deadline - interval '300 s'
         where ticket_id = $1`,
        [claim.ticketId],
      );
    if (one === undefined || two === undefined || three === undefined) throw new Error('three are held');
    book.told(holderOf(one), { percent: 10, detail: 'first' });
    book.told(holderOf(one), { percent: 250, detail: 'second' });
    book.told(holderOf(one));
    book.told(holderOf(two), { percent: Number.NaN, detail: 7 as never });
    await clock.advance(100_000);
    expect(await book.flush()).toBe(2);
    expect(statements).toBe(1);
    const told = await leaseOf(one);
    expect(told?.progress).toEqual({ percent: 100, detail: 'second' });
    expect(told?.told).toBeGreaterThanOrEqual(100);
    // 300 s gone, and 600 s from when it was said, which is 100 s ago.
    expect(told?.left).toBeCloseTo(800, -1);
    expect(await leaseOf(two)).toMatchObject({ progress: {} });
    expect((await leaseOf(three))?.left).toBeCloseTo(600, 0);
    book.told(holderOf(one));
    await book.flush();
    expect(await leaseOf(one)).toMatchObject({ progress: { percent: 100, detail: 'second' } });
  });

  test('moves nothing for an earlier holder, nor backwards', async () => {
    const first = await held();
    const { book, clock } = bookOf();
    book.told(holderOf(first), { percent: 99 });
    await lose(bench, first);
    expect(await book.flush()).toBe(0);
    const second = await hold(bench, first.claim.ticketId);
    book.told(holderOf(second), { percent: 1 });
    book.told(holderOf(first), { percent: 99 });
    book.ended(holderOf(first));
    await clock.advance(3_600_000);
    expect(await book.flush()).toBe(1);
    const lease = await leaseOf(second);
    expect(lease?.progress).toEqual({ percent: 1 });
    expect(lease?.left).toBeCloseTo(600, 0);
  });

  test('keeps what could not be written, and waits for nobody who is just ending the ticket', async () => {
    const [one, two] = [await held(), await held()];
    let away = true;
    const weather: Queryable = {
      query: async (text, values, options) => {
        if (away) throw fault('KORA_STORE_UNREACHABLE', 'away');
        return bench.database.query(text, values, options);
      },
    };
    const { book, clock, errors } = bookOf(weather);
    const stopping = new AbortController();
    const running = book.run(stopping.signal);
    book.told(holderOf(one), { percent: 5 });
    await clock.advance(1_000);
    await expect.poll(() => errors).toMatchObject([{ code: 'KORA_STORE_UNREACHABLE' }]);
    away = false;
    book.told(holderOf(one));
    book.told(holderOf(two), { percent: 6 });
    await bench.database.transaction(async (tx) => {
      await tx.query('select from kora.ticket_lease where ticket_id = $1 for update', [two.claim.ticketId]);
      await expect
        .poll(async () => {
          await clock.advance(1_000);
          return (await leaseOf(one))?.progress;
        })
        .toEqual({ percent: 5 });
    });
    stopping.abort();
    await running;
    expect(errors).toHaveLength(1);
  });
});

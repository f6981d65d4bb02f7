import { beforeAll, describe, expect, test, vi } from 'vitest';
import { fault, KoraError } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import type { OperationSpec } from '../contract.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';
import { hold, ledgerOver, lose, refusal, refusals } from '../testing/ledger.ts';
import { longestResult } from './words.ts';

let bench: TicketBench;
beforeAll(async () => {
  const { database, drop } = await fileDatabase();
  bench = await ticketBench({ database });
  return drop;
});

const charge: OperationSpec = { id: 'charge', tool: 'bank', sideEffects: 'once', request: { cents: 500 } };
const mail: OperationSpec = { id: 'mail', tool: 'post', sideEffects: 'idempotent', request: { to: 'x@y' } };

async function held(options: Parameters<typeof hold>[2] = {}) {
  const { ticketId } = await bench.add();
  return hold(bench, ticketId, options);
}

describe('an operation', () => {
  test('is known by the id its caller gave it, and the world is told one key over all attempts (ticket defect 5)', async () => {
    const first = await held();
    const keys: string[] = [];
    const broken = first.work.operation(mail, async (key) => {
      keys.push(key);
      throw new Error('no line');
    });
    await expect(broken).rejects.toThrow('no line');
    await lose(bench, first);
    const second = await hold(bench, first.claim.ticketId);
    expect(second.claim.fence).toBeGreaterThan(first.claim.fence);
    await second.work.operation(mail, async (key) => keys.push(key));
    const [key = ''] = keys;
    expect(key).toMatch(
      new RegExp(`^kora-${bench.owner.workspaceId}-${first.claim.ticketId}-[0-9a-z]+-mail$`),
    );
    expect(keys).toEqual([key, key]);
    expect(await second.ledger.list(first.claim.ticketId)).toMatchObject([
      { operationId: 'mail', key, status: 'committed', dispatches: 2, fence: second.claim.fence, result: 2 },
    ]);
  });

  test('that was committed is answered from the ledger, to the first caller and to all later ones alike', async () => {
    const { work, ledger, claim } = await held();
    const run = vi.fn<() => Promise<unknown>>(async () => ({
      at: new Date(0),
      gone: undefined,
      n: 1,
      text: 'a hush b\u0000',
    }));
    const first = await work.operation(charge, run);
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z', n: 1, text: 'a [secret] b\uFFFD' });
    expect(await work.operation(charge, run)).toEqual(first);
    expect(await work.operation({ ...charge, request: { cents: 500 } }, run)).toEqual(first);
    expect(run).toHaveBeenCalledTimes(1);
    const none = { ...mail, id: 'none' };
    expect(await work.operation(none, async () => undefined)).toBeUndefined();
    expect(await work.operation(none, async () => 'again')).toBeUndefined();
    const nothing = { ...mail, id: 'null' };
    expect(await work.operation(nothing, async () => null)).toBeNull();
    expect(await work.operation(nothing, async () => 'again')).toBeNull();
    const [row] = await ledger.list(claim.ticketId);
    expect(row).toMatchObject({ tool: 'bank', sideEffects: 'once', status: 'committed', error: null });
  });

  test('asked for twice at once is done once', async () => {
    const { work } = await held();
    const run = vi.fn<() => Promise<unknown>>(async () => 'paid');
    expect(await Promise.all([work.operation(charge, run), work.operation(charge, run)])).toEqual([
      'paid',
      'paid',
    ]);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('of another request under the same id is refused', async () => {
    const { work } = await held();
    await work.operation(charge, async () => 'paid');
    const run = vi.fn<() => Promise<unknown>>(async () => 'paid');
    expect(await refusal(work.operation({ ...charge, request: { cents: 501 } }, run))).toBe(
      'KORA_OPERATION_CHANGED',
    );
    expect(await refusal(work.operation({ ...charge, tool: 'other bank' }, run))).toBe(
      'KORA_OPERATION_CHANGED',
    );
    expect(run).not.toHaveBeenCalled();
  });

  test('that cannot be described is refused before anything is written', async () => {
    const { work, ledger, claim } = await held();
    const run = vi.fn<() => Promise<unknown>>(async () => 'done');
    const ring: unknown[] = [];
    ring.push(ring);
    const wrong: readonly object[] = [
      { id: '' },
      { id: 'x'.repeat(201) },
      { id: 7 },
      { id: 'a\u0000' },
      { tool: '' },
      { sideEffects: 'some' },
      { request: ring },
      { request: 1n },
    ];
    for (const part of wrong) {
      const spec = { ...charge, ...part } as OperationSpec;
      expect(await refusal(work.operation(spec, run)), Object.keys(part)[0]).toBe('KORA_OPERATION_INVALID');
    }
    expect(run).not.toHaveBeenCalled();
    expect(await ledger.list(claim.ticketId)).toEqual([]);
  });

  test('whose answer cannot be kept is noted as done, refused now and later, and not done again', async () => {
    const { work } = await held();
    const ring: unknown[] = [];
    ring.push(ring);
    for (const [id, answer] of [
      ['long', 'x'.repeat(longestResult)],
      ['ring', ring],
      ['big', 1n],
    ] as const) {
      const run = vi.fn<() => Promise<unknown>>(async () => answer);
      expect(await refusal(work.operation({ ...charge, id }, run))).toBe('KORA_OPERATION_RESULT');
      expect(await refusal(work.operation({ ...charge, id }, run))).toBe('KORA_OPERATION_RESULT');
      expect(run).toHaveBeenCalledTimes(1);
    }
    const longest = 'x'.repeat(longestResult - 2);
    expect(await work.operation({ ...charge, id: 'fits' }, async () => longest)).toBe(longest);
  });

  test('that may happen once and threw is never begun again, also when a new release calls it repeatable', async () => {
    const { work, ledger, claim } = await held();
    const run = vi.fn<() => Promise<unknown>>(async () => {
      throw new Error('socket hang up');
    });
    await expect(work.operation(charge, run)).rejects.toThrow('socket hang up');
    const again = { ...charge, sideEffects: 'idempotent' } as const;
    expect(await refusal(work.operation(charge, run))).toBe('KORA_OPERATION_UNKNOWN');
    expect(await refusal(work.operation(again, run))).toBe('KORA_OPERATION_UNKNOWN');
    expect(run).toHaveBeenCalledTimes(1);
    expect(await ledger.list(claim.ticketId)).toMatchObject([
      { status: 'dispatched', error: 'socket hang up' },
    ]);
  });

  test('that was begun is inspected: what happened is kept, what did not may be done', async () => {
    const { work } = await held();
    const lost = async (): Promise<never> => {
      throw new Error('no answer');
    };
    for (const id of ['was', 'was-not', 'who-knows'])
      await work.operation({ ...charge, id }, lost).catch(() => undefined);
    const run = vi.fn<() => Promise<unknown>>(async () => 'paid now');
    const was = {
      ...charge,
      id: 'was',
      inspect: async (key: string) => ({ happened: true, result: key }) as const,
    };
    expect(await work.operation(was, run)).toMatch(/-was$/);
    expect(run).not.toHaveBeenCalled();
    const not = { ...charge, id: 'was-not', inspect: async () => ({ happened: false }) as const };
    expect(await work.operation(not, run)).toBe('paid now');
    const away = { ...charge, id: 'who-knows', inspect: lost };
    await expect(work.operation(away, run)).rejects.toThrow('no answer');
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('that the other side refused did not happen, and may be begun again', async () => {
    const { work, ledger, claim } = await held();
    const refused = async (): Promise<never> => {
      throw new KoraError('KORA_OPERATION_REFUSED', 'the card has expired');
    };
    expect(await refusal(work.operation(charge, refused))).toBe('KORA_OPERATION_REFUSED');
    expect(await ledger.list(claim.ticketId)).toMatchObject([
      { status: 'abandoned', error: 'the card has expired' },
    ]);
    expect(await work.operation(charge, async () => 'paid')).toBe('paid');
    expect(await ledger.list(claim.ticketId)).toMatchObject([
      { status: 'committed', dispatches: 2, error: null },
    ]);
  });

  test('is not begun by work that was taken away, and the next attempt may do it', async () => {
    const taken = new AbortController();
    const weather: Queryable = {
      query: async (text, values, options) => {
        const rows = await bench.database.query(text, values, options);
        // Between the ledger's word and the first byte sent.
        if (options?.name === 'ticket-operation-dispatch') taken.abort(fault('KORA_TIMEOUT', 'out of time'));
        return rows as never;
      },
    };
    const { work, ledger, claim } = await held({ database: weather, signal: taken.signal });
    const run = vi.fn<() => Promise<unknown>>(async () => 'paid');
    expect(await refusal(work.operation(charge, run))).toBe('KORA_TIMEOUT');
    expect(await ledger.list(claim.ticketId)).toMatchObject([{ status: 'abandoned', dispatches: 1 }]);
    expect(await refusal(work.operation({ ...charge, id: 'next' }, run))).toBe('KORA_TIMEOUT');
    expect(run).not.toHaveBeenCalled();
    expect(await ledger.list(claim.ticketId)).toMatchObject([
      {},
      { operationId: 'next', status: 'allocated' },
    ]);
  });

  test('whose every step is answered by a store that went away is done once', async () => {
    let lost = 0;
    const weather: Queryable = {
      query: async (text, values, options) => {
        const rows = await bench.database.query(text, values, options);
        if (options?.name?.startsWith('ticket-operation-') !== true || (lost += 1) % 2 === 0)
          return rows as never;
        throw fault('KORA_STORE_UNREACHABLE', 'the answer was lost');
      },
    };
    const { work, ledger, claim } = await held({ database: weather });
    const run = vi.fn<() => Promise<unknown>>(async () => 'paid');
    expect(await work.operation(charge, run)).toBe('paid');
    expect(run).toHaveBeenCalledTimes(1);
    expect(lost).toBe(6);
    expect(await ledger.list(claim.ticketId)).toMatchObject([{ status: 'committed', dispatches: 1 }]);
  });
});

describe('a step of the ledger', () => {
  test('lands only from the status its mover saw (ticket defect 13)', async () => {
    const { ledger, claim, sessionId } = await held();
    const mover = {
      holder: { ticketId: claim.ticketId, fence: claim.fence, sessionId },
      signal: AbortSignal.abort(),
    };
    const allocated = await ledger.begin(mover, charge);
    const early = [
      ledger.commit(mover, { ...allocated, status: 'dispatched' }, 1),
      ledger.abandon(mover, { ...allocated, status: 'dispatched' }, 1),
    ];
    expect(await refusals(early)).toEqual(new Set(['KORA_OPERATION_STATE']));
    const dispatched = await ledger.dispatched(mover, allocated);
    const again = await ledger.dispatched(mover, dispatched);
    expect(await refusal(ledger.commit(mover, dispatched, 'of the first beginning'))).toBe(
      'KORA_OPERATION_STATE',
    );
    expect(await ledger.commit(mover, again, 'of the second')).toBe('of the second');
    const late = [
      ledger.dispatched(mover, again),
      ledger.dispatched(mover, allocated),
      ledger.abandon(mover, again, 'late'),
      ledger.failed(mover, again, 'late'),
    ];
    expect(await refusals(late)).toEqual(new Set(['KORA_OPERATION_STATE']));
    expect(await ledger.list(claim.ticketId)).toMatchObject([
      { status: 'committed', result: 'of the second', error: null },
    ]);
  });

  test('of an earlier holder is refused, whichever it is, and changes nothing', async () => {
    const first = await held();
    const { ledger, claim, sessionId } = first;
    const mover = {
      holder: { ticketId: claim.ticketId, fence: claim.fence, sessionId },
      signal: AbortSignal.abort(),
    };
    const seen = await ledger.dispatched(mover, await ledger.begin(mover, charge));
    await lose(bench, first);
    const nobody = await ledger.list(claim.ticketId);
    const refusedAll = async (): Promise<void> => {
      const steps = [
        ledger.begin(mover, charge),
        ledger.begin(mover, { ...charge, id: 'new' }),
        ledger.dispatched(mover, seen),
        ledger.commit(mover, seen, 'late'),
        ledger.abandon(mover, seen, 'late'),
        ledger.failed(mover, seen, 'late'),
        first.work.note('late'),
      ];
      expect(await refusals(steps)).toEqual(new Set(['KORA_TICKET_STALE_FENCE']));
    };
    await refusedAll();
    const second = await hold(bench, claim.ticketId);
    await refusedAll();
    // A fence of the right number is no standing without the session that holds it, nor the session without the fence.
    const thief = { ...mover, holder: { ...mover.holder, fence: second.claim.fence } };
    expect(await refusal(ledger.commit(thief, seen, 'late'))).toBe('KORA_TICKET_STALE_FENCE');
    const old = { ...mover, holder: { ...mover.holder, sessionId: second.sessionId } };
    expect(await refusal(ledger.commit(old, seen, 'late'))).toBe('KORA_TICKET_STALE_FENCE');
    expect(await ledger.list(claim.ticketId)).toEqual(nobody);
    expect(await refusal(second.work.operation(charge, async () => 'paid twice'))).toBe(
      'KORA_OPERATION_UNKNOWN',
    );
  });

  test('that is under way keeps the lease where it is: the next claim reads what it wrote', async () => {
    const first = await held();
    const { claim, sessionId } = first;
    const { ticketId, fence } = claim;
    const mover = { holder: { ticketId, fence, sessionId }, signal: AbortSignal.abort() };
    await bench.expire(sessionId);
    await bench.database.transaction(async (tx) => {
      const { ledger } = ledgerOver(tx, bench.owner.workspaceId);
      await ledger.dispatched(mover, await ledger.begin(mover, charge));
      expect(await bench.reap()).not.toContain(ticketId);
    });
    expect(await bench.reap()).toContain(ticketId);
    await bench.passTime();
    const { work } = await hold(bench, ticketId);
    expect(await refusal(work.operation(charge, async () => 'twice'))).toBe('KORA_OPERATION_UNKNOWN');
  });
});

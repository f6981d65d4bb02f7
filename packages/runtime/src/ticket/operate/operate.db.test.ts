import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import {
  cancelTicket,
  forceRetry,
  reassignTicket,
  releaseClaim,
  releaseDeferred,
  reprioritiseTicket,
  unblockTicket,
} from '../index.ts';
import type { AddedTicket, Claim, TicketResult } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

const verbs = {
  cancel: cancelTicket,
  force_retry: forceRetry,
  unblock: unblockTicket,
  reassign: reassignTicket,
  release: releaseClaim,
  reprioritise: reprioritiseTicket,
};
type Verb = keyof typeof verbs;

function act(
  bench: Pick<TicketBench, 'database' | 'owner' | 'stage'>,
  verb: Verb,
  ticketId: number,
  over: object = {},
): Promise<void> {
  const { database, owner, stage } = bench;
  const request = {
    ticketId,
    reason: 'because',
    runtimeId: owner.runtimeId,
    assignedTo: 'marvin',
    priority: 'high' as const,
    ...over,
  };
  return database.transaction((tx) => verbs[verb](tx, { workspaceId: owner.workspaceId, stage }, request));
}

/** With one session, and an actor that work can be given to. */
interface Scene extends Omit<TicketBench, 'session'> {
  readonly session: string;
  /** What operators did, as the events say it. */
  events(): Promise<string[]>;
}

async function scene(bench?: TicketBench): Promise<Scene> {
  const made = bench ?? (await ticketBench());
  await made.database.query(
    `insert into kora.actor (workspace_id, actor_id, kind) values ($1, 'marvin', 'plugin')`,
    [made.owner.workspaceId],
  );
  return {
    ...made,
    session: await made.session(),
    events: async () => {
      const rows = await made.database.query<{ body: string }>(
        `select body from kora.stage where workspace_id = $1 and type = 'sea_ticket.operator_action' order by number`,
        [made.owner.workspaceId],
      );
      return rows.map(({ body }) => (JSON.parse(body) as { action: string }).action);
    },
  };
}

async function claimed(bench: Pick<TicketBench, 'add' | 'claim'>, session: string): Promise<Claim> {
  await bench.add();
  const [claim] = await bench.claim(session);
  if (claim === undefined) throw new Error('nothing was claimed');
  return claim;
}

async function ended(
  bench: Pick<TicketBench, 'add' | 'claim' | 'resolve'>,
  session: string,
  resolution: TicketResult['resolution'],
): Promise<Claim> {
  const claim = await claimed(bench, session);
  await bench.resolve(session, claim, { resolution });
  return claim;
}

test('a parked ticket that is unblocked may be claimed, its failures still count, and one event says why', async () => {
  const bench = await scene();
  const { session } = bench;
  const { ticketId } = await ended(bench, session, 'failed_retryable');
  await bench.passTime();
  const [again] = await bench.claim(session);
  if (again === undefined) throw new Error('nothing was claimed');
  await bench.resolve(session, again, { resolution: 'blocked_needs_operator' });
  await act(bench, 'unblock', ticketId);
  expect(await bench.find(ticketId)).toMatchObject({
    status: 'assigned',
    attempts: 0,
    failures: 1,
    fence: 2,
  });
  await expect(act(bench, 'unblock', ticketId)).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
  expect(await bench.events()).toEqual(['unblock']);
});

test('a ticket that is for the operator goes on with whoever it is given to; a waiting one goes on waiting', async () => {
  const bench = await scene();
  const { session } = bench;
  const blocked = await ended(bench, session, 'blocked_needs_operator');
  const need = await bench.add();
  const waiting = await bench.add({ blockedBy: [need.ticketId] });
  for (const { ticketId } of [blocked, waiting, need]) await act(bench, 'reassign', ticketId);
  expect(await bench.find(blocked.ticketId)).toMatchObject({ status: 'assigned' });
  expect(await bench.find(waiting.ticketId)).toMatchObject({ status: 'waiting' });
  expect(await bench.claim(session, 9)).toEqual([]);
  const rows = await bench.database.query(
    'select distinct assigned_to from kora.ticket where workspace_id = $1',
    [bench.owner.workspaceId],
  );
  expect(rows).toEqual([{ assigned_to: 'marvin' }]);
  // It is his already: nothing is done and nothing said.
  await act(bench, 'reassign', waiting.ticketId);
  expect(await bench.events()).toEqual(['reassign', 'reassign', 'reassign']);
  // What is opened again is still his.
  await act(bench, 'cancel', need.ticketId);
  await act(bench, 'force_retry', need.ticketId);
  expect(await bench.claim(session, 9)).toEqual([]);
});

test('nothing is given to a stranger, and nothing is done without a reason', async () => {
  const bench = await scene();
  const { ticketId } = await bench.add();
  await expect(act(bench, 'reassign', ticketId, { assignedTo: 'nobody' })).rejects.toMatchObject({
    code: 'KORA_TICKET_INVALID',
  });
  for (const verb of Object.keys(verbs) as Verb[])
    await expect(act(bench, verb, ticketId, { reason: ' ' })).rejects.toThrow('reason');
  expect(await bench.events()).toEqual([]);
});

test('a ticket in somebody’s hands can be cancelled or taken back and is not handed on, whoever asks', async () => {
  const bench = await scene();
  const claim = await claimed(bench, bench.session);
  for (const verb of ['force_retry', 'unblock', 'reassign'] as const)
    await expect(act(bench, verb, claim.ticketId)).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
  await act(bench, 'cancel', claim.ticketId);
  expect(await bench.resolve(bench.session, claim)).toBe('lost');
  expect(await bench.release(bench.session, claim)).toBe('lost');
  expect(await bench.find(claim.ticketId)).toMatchObject({ status: 'cancelled' });
  expect(await bench.events()).toEqual(['cancel']);
});

test('a ticket taken back from its holder may be claimed at once, and whatever the holder writes is refused', async () => {
  const bench = await scene();
  const { session } = bench;
  const claim = await claimed(bench, session);
  await act(bench, 'release', claim.ticketId);
  expect(await bench.find(claim.ticketId)).toMatchObject({
    status: 'released',
    statusReason: 'because',
    attempts: 0,
    fence: claim.fence,
  });
  // Also its own session is no way back: the end is not one that this holder made.
  expect(await bench.resolve(session, claim)).toBe('lost');
  expect(await bench.release(session, claim)).toBe('lost');
  const [again] = await bench.claim(session);
  expect(again).toMatchObject({ ticketId: claim.ticketId, fence: claim.fence + 1, attempts: 1 });
  expect(await bench.resolve(session, claim)).toBe('lost');
  expect(await bench.events()).toEqual(['release']);
  expect((await bench.staged()).filter((type) => type === 'sea_ticket.claim_released')).toHaveLength(1);
  const ready = await bench.add();
  await expect(act(bench, 'release', ready.ticketId)).rejects.toThrow('nobody holds it');
});

test('a ticket of another priority is claimed in its turn, keeps what it waited, and has it when it comes back', async () => {
  const bench = await scene();
  const { session } = bench;
  const [first, second] = [await bench.add(), await bench.add()];
  await act(bench, 'reprioritise', second.ticketId, { priority: 'frontier' });
  const [claim] = await bench.claim(session);
  expect(claim?.ticketId).toBe(second.ticketId);
  await act(bench, 'reprioritise', second.ticketId, { priority: 'low' });
  // It is so already: nothing is done and nothing said.
  await act(bench, 'reprioritise', second.ticketId, { priority: 'low' });
  await act(bench, 'release', second.ticketId);
  const [next] = await bench.claim(session);
  expect(next?.ticketId).toBe(first.ticketId);
  expect(await bench.find(second.ticketId)).toMatchObject({ priority: 'low' });
  expect(await bench.events()).toEqual(['reprioritise', 'reprioritise', 'release']);
  await act(bench, 'cancel', second.ticketId);
  await expect(act(bench, 'reprioritise', second.ticketId)).rejects.toThrow('it has ended');
});

test('a ticket that is made claimable twice is so once', async () => {
  const bench = await scene();
  const { ticketId } = await ended(bench, bench.session, 'failed_terminal');
  await act(bench, 'force_retry', ticketId);
  await act(bench, 'force_retry', ticketId);
  expect(await bench.events()).toEqual(['force_retry']);
});

test('an operator who meets a claim, a resolve and another operator leaves one place and no lower fence', async () => {
  const { database } = await testDatabase();
  const parties = fc.array(
    fc.constantFrom(
      'claim',
      'resolve',
      'give_back',
      'cancel',
      'force_retry',
      'unblock',
      'reassign',
      'release',
      'reprioritise',
    ),
    { minLength: 2, maxLength: 6 },
  );
  const beginnings = fc.constantFrom(
    'ready',
    'held',
    'blocked_needs_operator',
    'failed_terminal',
    'completed',
  );
  await fc.assert(
    fc.asyncProperty(beginnings, parties, async (beginning, all) => {
      const bench = await scene(await ticketBench({ database }));
      const { session } = bench;
      let claim: Claim | undefined;
      let ticket: Pick<AddedTicket, 'ticketId'>;
      if (beginning === 'ready') ticket = await bench.add();
      else if (beginning === 'held') ticket = claim = await claimed(bench, session);
      else ticket = claim = await ended(bench, session, beginning);
      const { ticketId } = ticket;
      const before = (await bench.find(ticketId)).fence;
      const done = await Promise.allSettled(
        all.map(async (who): Promise<unknown> => {
          if (who === 'claim') return bench.claim(session);
          if (who === 'resolve') return claim && bench.resolve(session, claim);
          if (who === 'give_back') return claim && bench.release(session, claim);
          return act(bench, who, ticketId);
        }),
      );
      const refused = done
        .filter((outcome) => outcome.status === 'rejected')
        .map(({ reason }) => reason as object);
      expect(refused.map((reason) => ('code' in reason ? reason.code : reason))).toEqual(
        refused.map(() => 'KORA_TICKET_UNKNOWN'),
      );
      const [row] = await database.query<{ places: number }>(
        `select (select count(*) from kora.ticket_ready where workspace_id = $1)
           + (select count(*) from kora.ticket_lease where workspace_id = $1)
           + (select count(*) from kora.ticket_parked where workspace_id = $1) as places`,
        [bench.owner.workspaceId],
      );
      expect(row?.places).toBeLessThanOrEqual(1);
      expect((await bench.find(ticketId)).fence).toBeGreaterThanOrEqual(before);
      const acted = done.filter(
        (outcome, n) => outcome.status === 'fulfilled' && (all[n] ?? '') in verbs,
      ).length;
      expect((await bench.events()).length).toBeLessThanOrEqual(acted);
    }),
    { numRuns: 40 },
  );
});

test('after a refresh everything that was put off may be claimed, and the hour of the ramp is kept', async () => {
  const bench = await scene();
  const { database, owner, stage, session } = bench;
  for (let n = 0; n < 3; n += 1) await ended(bench, session, 'deferred_cost_limit');
  const release = (): Promise<number> =>
    database.transaction((tx) =>
      releaseDeferred(tx, { workspaceId: owner.workspaceId, stage }, { reason: 'a new month' }),
    );
  expect(await release()).toBe(3);
  const ramp = `select since, until, until - since between interval '59 min' and interval '61 min' as hour
    from kora.claim_ramp where workspace_id = $1`;
  const [begun] = await database.query<{ since: Date; hour: boolean }>(ramp, [owner.workspaceId]);
  expect(begun).toMatchObject({ hour: true });
  expect(await release()).toBe(0);
  expect((await database.query(ramp, [owner.workspaceId]))[0]).toMatchObject({ since: begun?.since });
  expect((await bench.staged()).filter((type) => type === 'sea_ticket.deferred_released')).toHaveLength(1);
  const rows = await database.query(
    `select count(*)::int as back, count(deferred_at)::int as "putOff" from kora.ticket_ready where workspace_id = $1`,
    [owner.workspaceId],
  );
  expect(rows).toEqual([{ back: 3, putOff: 3 }]);
});

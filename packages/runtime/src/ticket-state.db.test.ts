import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { fault } from './fault/index.ts';
import { issueStop, acceptEpoch, raiseEpoch } from './state/index.ts';
import type { Database } from './store/index.ts';
import { fileDatabase } from './store/testing/database.ts';
import { ticketRooms } from './testing/ticket-rooms.ts';
import type { TicketRooms } from './testing/ticket-rooms.ts';
import type { TicketHandler, TicketWork } from './ticket/index.ts';
import { heldHandler } from './ticket/testing/worker.ts';
import type { HeldWork } from './ticket/testing/worker.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

/** A handler whose attempts wait for the test, and no longer than it. */
function held(options: Partial<TicketHandler> = {}): ReturnType<typeof heldHandler> {
  const handler = heldHandler(options);
  onTestFinished(() => handler.works.forEach((work: HeldWork) => work.answer()));
  return handler;
}

const patience = { timeout: 15_000, interval: 20 };
const usd = 1_000_000;
let workspaces = 0;

function workspace(): string {
  workspaces += 1;
  return `shared-${workspaces}`;
}

function operator({ workspaceId, stage }: TicketRooms): Promise<unknown> {
  const issuer = { actorId: 'operator', kind: 'operator' } as const;
  return database.transaction((tx) =>
    issueStop(tx, { workspaceId, stage }, { level: 0, reason: 'looked at', issuer, via: 'api' }),
  );
}

/** Adds a ticket that was claimed nine times in this epoch already, and lets it fail once more by the weather. */
async function lastAttempt(rooms: TicketRooms): Promise<number> {
  const { ticketId } = await rooms.add();
  await database.query(
    `update kora.ticket_ready set attempts = 9, epoch = (select max(epoch) from kora.store_epoch)
     where workspace_id = $1 and ticket_id = $2`,
    [rooms.workspaceId, ticketId],
  );
  const handler = held();
  const unhandle = rooms.worker.handle(handler);
  const work = await handler.next();
  work.answer({ resolution: 'failed_retryable', summary: 'no line', failure: { class: 'network' } });
  await vi.waitFor(
    async () => expect(await placeOf(rooms, ticketId)).toBe('blocked_needs_operator'),
    patience,
  );
  unhandle();
  return work.ticket.attempt;
}

async function placeOf({ workspaceId }: TicketRooms, ticketId: number): Promise<string> {
  const [row] = await database.query<{ place: string }>(
    `select coalesce((select status from kora.ticket_parked where workspace_id = $1 and ticket_id = $2),
       (select 'held' from kora.ticket_lease where workspace_id = $1 and ticket_id = $2),
       (select 'ready' from kora.ticket_ready where workspace_id = $1 and ticket_id = $2), 'ended') as place`,
    [workspaceId, ticketId],
  );
  return row?.place ?? 'nowhere';
}

function limited(rooms: TicketRooms): void {
  expect(rooms.holder.state).toMatchObject({
    claimPermission: 'critical_only',
    degradationReasons: ['retry_ceiling'],
  });
}

function unlimited(rooms: TicketRooms): void {
  expect(rooms.holder.state).toMatchObject({ claimPermission: 'normal', degradationReasons: [] });
}

test('ten attempts in one epoch leave only critical work on every runtime, over a restart, until a reset (ticket defect 10)', async () => {
  const name = workspace();
  const one = await ticketRooms(database, { workspace: name });
  const two = await ticketRooms(database, { workspace: name });
  expect(await lastAttempt(one)).toBe(10);
  await vi.waitFor(() => [one, two].forEach(limited), patience);
  await two.stop();
  const three = await ticketRooms(database, { workspace: name });
  await vi.waitFor(() => limited(three), patience);
  const handler = held();
  three.worker.handle(handler);
  const usual = await three.add();
  const urgent = await three.add({ critical: true });
  const work = await handler.next();
  expect(work.ticket.ticketId).toBe(urgent.ticketId);
  work.answer();
  expect(await placeOf(three, usual.ticketId)).toBe('ready');
  await operator(one);
  await vi.waitFor(() => [one, three].forEach(unlimited), patience);
  expect(one.holder.history.at(-1)).toMatchObject({
    cause: 'stop.reset',
    trigger: 'operator clears via control reset',
  });
  expect((await handler.next()).ticket.ticketId).toBe(usual.ticketId);
});

test('another epoch of the store counts anew: attempts, and with them the ceiling', async () => {
  const rooms = await ticketRooms(database);
  await lastAttempt(rooms);
  await vi.waitFor(() => limited(rooms), patience);
  const { ticketId } = await rooms.add({ critical: false });
  await database.query(
    `update kora.ticket_ready set attempts = 9, epoch = (select max(epoch) from kora.store_epoch) where ticket_id = $1`,
    [ticketId],
  );
  await raiseEpoch(database, { by: 'operator', reason: 'restored' });
  await acceptEpoch(database, rooms.workspaceId, { by: 'operator', known: undefined, reason: 'seen' });
  await vi.waitFor(() => unlimited(rooms), patience);
  expect(rooms.holder.history.at(-1)).toMatchObject({ cause: 'check.recovered' });
  const handler = held();
  rooms.worker.handle(handler);
  expect((await handler.next()).ticket).toMatchObject({ ticketId, attempt: 1 });
});

/** Work that asks for leave to spend before each step, as a plugin's handler does. */
function paying(rooms: TicketRooms, ...costs: readonly number[]): TicketHandler {
  return {
    kind: 'test',
    budgetMicroUsd: 6 * usd,
    concurrency: 1,
    prefetch: 0,
    work: async ({ ticketId, fence }: TicketWork) => {
      for (const [step, cost] of costs.entries()) {
        const callId = `${ticketId}-${fence}-${step}`;
        const claim = { ticketId, fence };
        const wish = { caller: 'p', callId, route: 'cli', estimateMicroUsd: usd, claim };
        const leave = await rooms.admission.admit('model_call', wish);
        if (!leave.allow)
          throw fault('KORA_ADMISSION_DENIED', `refused: ${leave.cause}`, {
            details: { cause: leave.cause },
          });
        rooms.admission.redeem(leave.pass, 'model_call');
        await rooms.spend.settle({ callId, costMicroUsd: cost });
      }
      return { resolution: 'completed', summary: 'paid' };
    },
  };
}

async function holdsOf({ workspaceId }: TicketRooms): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select count(*) from kora.hold where workspace_id = $1 and cleared_at is null',
    [workspaceId],
  );
  return row?.count ?? 0;
}

test('a pool that ends under work: resolved as deferred, released, then paused; money lets it go on, one at a time, over a restart', async () => {
  const name = workspace();
  const rooms = await ticketRooms(database, { workspace: name, poolMicroUsd: 10 * usd });
  const tickets = [await rooms.add(), await rooms.add(), await rooms.add()];
  const unhandle = rooms.worker.handle(paying(rooms, 10 * usd, usd));
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('paused'), patience);
  unhandle();
  const facts = async (): Promise<unknown[]> => {
    const events = await rooms.events(
      'kora.sea_ticket.resolved',
      'kora.operational_state.transitioned',
      'kora.hold.added',
      'kora.paused.cost_limit',
    );
    return events.slice(1).map(({ type, payload }) => payload['resolution'] ?? payload['cause'] ?? type);
  };
  await vi.waitFor(
    async () =>
      expect(await facts()).toEqual([
        'claim.acquired',
        'deferred_cost_limit',
        'claim.released',
        'kora.hold.added',
        'cost.limit',
        'kora.paused.cost_limit',
      ]),
    patience,
  );
  await vi.waitFor(async () => {
    const places = await Promise.all(tickets.map(({ ticketId }) => placeOf(rooms, ticketId)));
    expect(places.filter((place) => place === 'deferred_cost_limit').length).toBeGreaterThan(0);
    expect(places).not.toContain('held');
  }, patience);
  expect(rooms.errors).toEqual([]);

  // Paid: the hold goes, and with it in one step what was put off; claims begin one at a time.
  const handler = held({ budgetMicroUsd: usd, concurrency: 3 });
  rooms.worker.handle(handler);
  await rooms.spend.open(40 * usd);
  expect(await holdsOf(rooms)).toBe(0);
  await handler.next();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('active'), patience);
  const leases = `select count(*) from kora.ticket_lease where workspace_id = $1`;
  const restarted = await ticketRooms(database, { workspace: name, poolMicroUsd: 40 * usd });
  const later = held({ budgetMicroUsd: usd, concurrency: 3 });
  restarted.worker.handle(later);
  restarted.worker.kick();
  const turn = async (): Promise<void> => {
    await database.query(
      `update kora.claim_ramp set last_claim_at = last_claim_at - interval '31 s' where workspace_id = $1`,
      [rooms.workspaceId],
    );
    restarted.worker.kick();
    rooms.worker.kick();
  };
  expect(await database.query(leases, [rooms.workspaceId])).toEqual([{ count: 1 }]);
  await turn();
  await vi.waitFor(
    async () => expect(await database.query(leases, [rooms.workspaceId])).toEqual([{ count: 2 }]),
    patience,
  );
  // The store knows of a claim before its holder does.
  await vi.waitFor(() => expect(handler.works.length + later.works.length).toBe(2), patience);
});

test('what was put off while others had the money goes on when they gave it back, and no ramp begins', async () => {
  const rooms = await ticketRooms(database, { poolMicroUsd: 10 * usd });
  const handler = held({ budgetMicroUsd: 6 * usd, concurrency: 2 });
  const [first, second] = [await rooms.add(), await rooms.add()];
  rooms.worker.handle(handler);
  const work = await handler.next();
  await vi.waitFor(
    async () => expect(await placeOf(rooms, second.ticketId)).toBe('deferred_cost_limit'),
    patience,
  );
  await rooms.spend.refresh();
  expect(await placeOf(rooms, second.ticketId)).toBe('deferred_cost_limit');
  work.answer();
  await vi.waitFor(async () => expect(await placeOf(rooms, first.ticketId)).toBe('ended'), patience);
  await rooms.spend.refresh();
  expect((await handler.next()).ticket.ticketId).toBe(second.ticketId);
  expect(
    await database.query('select from kora.claim_ramp where workspace_id = $1', [rooms.workspaceId]),
  ).toEqual([]);
  expect(rooms.holder.state.primaryState).toBe('active');
});

test('work that goes on past the end of the pool keeps the hold waiting no longer than its patience', async () => {
  const rooms = await ticketRooms(database, { poolMicroUsd: 10 * usd });
  const handler = held({ budgetMicroUsd: usd });
  await rooms.add();
  rooms.worker.handle(handler);
  const work = await handler.next();
  await rooms.spend.reconcile({ reportedMicroUsd: 10 * usd, reason: 'the bill', by: 'operator' });
  expect(await holdsOf(rooms)).toBe(0);
  await database.query('update kora.spend_pool set hold_due_at = clock_timestamp() where workspace_id = $1', [
    rooms.workspaceId,
  ]);
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('paused'), patience);
  expect(work.ticket.signal.aborted).toBe(false);
  work.answer();
  await vi.waitFor(async () => expect(await placeOf(rooms, work.ticket.ticketId)).toBe('ended'), patience);
});

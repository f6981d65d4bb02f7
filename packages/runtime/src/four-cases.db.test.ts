import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Database } from './store/index.ts';
import { fileDatabase } from './store/testing/database.ts';
import { ticketRooms } from './testing/ticket-rooms.ts';
import type { TicketRooms } from './testing/ticket-rooms.ts';
import { heldHandler } from './ticket/testing/worker.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

const transitioned = 'kora.operational_state.transitioned';
const patience = { timeout: 15_000, interval: 20 };

interface Told {
  readonly from: unknown;
  readonly to: unknown;
  readonly trigger: unknown;
  readonly cause: unknown;
}

/** The transitions on the chain after the boot's own, in its order; their numbers rise. */
async function told(rooms: TicketRooms): Promise<Told[]> {
  const events = await rooms.events(transitioned);
  const numbers = events.map(({ payload }) => Number(payload['n']));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  return events.slice(1).map(({ payload }) => ({
    from: payload['from_primary_state'],
    to: payload['to_primary_state'],
    trigger: payload['trigger'],
    cause: payload['cause'],
  }));
}

async function statusOf({ workspaceId }: TicketRooms, ticketId: number): Promise<string> {
  const [row] = await database.query<{ resolution: string }>(
    `select resolution from kora.ticket_outcome where workspace_id = $1 and ticket_id = $2 order by fence desc limit 1`,
    [workspaceId, ticketId],
  );
  return row?.resolution ?? 'open';
}

const acquired = { from: 'ready', to: 'active', trigger: 'claim acquired', cause: 'claim.acquired' };
const released = { from: 'active', to: 'ready', trigger: 'claim released', cause: 'claim.released' };

test('a full cycle is ready, active, ready, with the two triggers in order on the chain', async () => {
  const rooms = await ticketRooms(database);
  const handler = heldHandler();
  rooms.worker.handle(handler);
  const { ticketId } = await rooms.add();
  const work = await handler.next();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('active'), patience);
  work.answer();
  await vi.waitFor(async () => expect(await told(rooms)).toEqual([acquired, released]), patience);
  expect(await statusOf(rooms, ticketId)).toBe('completed');
  expect(rooms.errors).toEqual([]);
});

test('a lease that is lost under work is told as that, its ticket is worked again, and the late answer changes nothing', async () => {
  const rooms = await ticketRooms(database);
  const handler = heldHandler();
  rooms.worker.handle(handler);
  const { ticketId } = await rooms.add();
  const first = await handler.next();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('active'), patience);
  await database.query(`update kora.session set until = clock_timestamp() where workspace_id = $1`, [
    rooms.workspaceId,
  ]);
  await vi.waitFor(() => expect(first.ticket.signal.aborted).toBe(true), patience);
  const second = await handler.next();
  expect(second.ticket.fence).toBeGreaterThan(first.ticket.fence);
  first.answer({ summary: 'too late' });
  second.answer({ summary: 'in time' });
  await vi.waitFor(async () => expect(await statusOf(rooms, ticketId)).toBe('completed'), patience);
  await vi.waitFor(async () => expect((await told(rooms)).at(-1)).toEqual(released), patience);
  const outcomes = await database.query(
    `select resolution, summary from kora.ticket_outcome where workspace_id = $1 and ticket_id = $2 order by fence`,
    [rooms.workspaceId, ticketId],
  );
  expect(outcomes).toEqual([
    { resolution: 'expired', summary: 'the lease ran out' },
    { resolution: 'completed', summary: 'in time' },
  ]);
});

test('the last lease that is lost says so in its cause, with the trigger of a release', async () => {
  const rooms = await ticketRooms(database);
  const handler = heldHandler();
  rooms.worker.handle(handler);
  const { ticketId } = await rooms.add();
  const work = await handler.next();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('active'), patience);
  // Somebody else has it from here on.
  await database.query('delete from kora.ticket_lease where workspace_id = $1 and ticket_id = $2', [
    rooms.workspaceId,
    ticketId,
  ]);
  await vi.waitFor(() => expect(work.ticket.signal.aborted).toBe(true), patience);
  await vi.waitFor(
    async () => expect(await told(rooms)).toEqual([acquired, { ...released, cause: 'claim.lease_lost' }]),
    patience,
  );
});

test('a listener that throws keeps neither the state nor the work', async () => {
  const rooms = await ticketRooms(database);
  rooms.holder.listen('bad', () => {
    throw new Error('a bad listener');
  });
  const handler = heldHandler();
  rooms.worker.handle(handler);
  const { ticketId } = await rooms.add();
  (await handler.next()).answer();
  await vi.waitFor(async () => expect(await told(rooms)).toEqual([acquired, released]), patience);
  expect(await statusOf(rooms, ticketId)).toBe('completed');
  expect(rooms.errors.map(({ where }) => where)).toEqual(['state listener bad', 'state listener bad']);
});

test('with no event of the state written the work goes on and the state is what it is', async () => {
  const rooms = await ticketRooms(database);
  rooms.mute = true;
  const handler = heldHandler();
  rooms.worker.handle(handler);
  const { ticketId } = await rooms.add();
  const work = await handler.next();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('active'), patience);
  work.answer();
  await vi.waitFor(() => expect(rooms.holder.state.primaryState).toBe('ready'), patience);
  expect(await statusOf(rooms, ticketId)).toBe('completed');
  expect(await told(rooms)).toEqual([]);
  expect(rooms.errors.map(({ where }) => where)).toEqual(['state', 'state']);
  // The tickets' own events are of their own statements.
  expect(await rooms.events('kora.sea_ticket.resolved')).toHaveLength(1);
});

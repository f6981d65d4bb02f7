import assert from 'node:assert/strict';
import { scene as openDoor } from '../../admission/testing/scene.ts';
import { claimTicket, claimTickets } from '../index.ts';
import type { Claim, ClaimAnswer, ClaimHints, ClaimWant, NamedClaimRequest } from '../index.ts';
import type { Database } from '../../store/index.ts';
import { ticketBench } from './bench.ts';
import type { TicketBench } from './bench.ts';

export interface ReadyRow {
  readonly kind?: string;
  /** 0 frontier to 3 low; default 2. */
  readonly priority?: number;
  readonly critical?: boolean;
  readonly assignedTo?: string;
  /** Since when it may be claimed; negative: when it may be. */
  readonly waitedMs?: number;
  readonly count?: number;
}

export interface Taking {
  readonly wants?: readonly {
    readonly kind: string;
    readonly limit?: number;
    readonly critical?: boolean;
    readonly budgetMicroUsd?: number;
  }[];
  readonly total?: number;
  readonly assignedTo?: string;
  readonly hints?: ClaimHints;
  readonly over?: Database;
}

export interface ClaimBench extends TicketBench {
  /** Puts tickets into the queue, as if they had waited; answers their numbers. */
  ready(...rows: readonly ReadyRow[]): Promise<number[]>;
  take(sessionId: string, taking?: Taking): Promise<Claim[]>;
  takeOne(sessionId: string, ticketId: number, asked?: Partial<NamedClaimRequest>): Promise<ClaimAnswer>;
}

/** The queue of a workspace of its own, in a database that others may use too. */
export async function claimBench(database: Database): Promise<ClaimBench> {
  const bench = await ticketBench({ database });
  const { owner } = bench;
  const wantOf = async (
    door: ReturnType<typeof openDoor>,
    { kind, limit = 100, critical = false, budgetMicroUsd = 0 }: NonNullable<Taking['wants']>[number],
  ): Promise<ClaimWant> => {
    const leave = await door.admission.admit('claim', { caller: 'kora', kind, critical });
    assert.ok(leave.allow, 'the door of the bench is open');
    return { kind, limit, deadlineMs: 600_000, budgetMicroUsd, pass: leave.pass };
  };
  return {
    ...bench,
    ready: async (...rows) => {
      const ids: number[] = [];
      for (const row of rows) ids.push(...(await insert(database, owner.workspaceId, row)));
      return ids;
    },
    take: async (
      sessionId,
      { wants = [{ kind: 'test' }], total = 100, assignedTo, hints, over = database } = {},
    ) => {
      const door = openDoor();
      return claimTickets(over, owner, {
        sessionId,
        wants: await Promise.all(wants.map((want) => wantOf(door, want))),
        total,
        admission: door.admission,
        ...(assignedTo === undefined ? {} : { assignedTo }),
        ...(hints === undefined ? {} : { hints }),
      });
    },
    takeOne: async (sessionId, ticketId, asked = {}) => {
      const door = openDoor();
      const kind = asked.kind ?? 'test';
      const want = await wantOf(door, { kind });
      return claimTicket(database, owner, {
        ...want,
        sessionId,
        ticketId,
        admission: door.admission,
        ...asked,
      });
    },
  };
}

async function insert(database: Database, workspaceId: number, row: ReadyRow): Promise<number[]> {
  const { kind = 'test', priority = 2, critical = false, assignedTo = 'kora', waitedMs = 0, count = 1 } = row;
  const rows = await database.query<{ id: number }>(
    `with added as (
       insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, assigned_to,
         origin, trusted)
       select $1, nextval('kora.ticket_number'), $2, 'ready', '', '{}', $3, $4, $5, 'operator', true
       from generate_series(1, $7::int) returning ticket_id)
     insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
     select $1, ticket_id, $5, $2, $3, clock_timestamp() - $6 * interval '1 millisecond', $4 from added
     returning ticket_id as id`,
    [workspaceId, kind, priority, critical, assignedTo, waitedMs, count],
  );
  return rows.map(({ id }) => id);
}

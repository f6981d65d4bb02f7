import assert from 'node:assert/strict';
import { scene as openDoor } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { ChainOwner, EventDraft, StagedBody } from '../../chain/index.ts';
import { systemClock } from '../../clock/index.ts';
import { messageEvents } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import {
  addTicket,
  claimTickets,
  findTicket,
  reapTickets,
  releaseTicket,
  resolveTicket,
  ticketEvents,
} from '../index.ts';
import { beginSession } from '../session/session.ts';
import type {
  AddContext,
  AddedTicket,
  Claim,
  NewTicket,
  ResolveContext,
  TicketResult,
  TicketView,
  Verdict,
} from '../index.ts';

/** The ticket statements on a real store, for one workspace; more of them may share its database. */
export interface TicketBench {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly prepare: (event: EventDraft) => StagedBody;
  /** What adding needs of the chain. */
  readonly adding: AddContext;
  /** Under which the leases of a session are ended. */
  contextOf(sessionId: string): ResolveContext;
  add(ticket?: Partial<NewTicket>): Promise<AddedTicket>;
  session(): Promise<string>;
  claim(sessionId: string, limit?: number, criticalOnly?: boolean): Promise<Claim[]>;
  resolve(sessionId: string, claim: Claim, result?: Partial<TicketResult>): Promise<Verdict>;
  release(sessionId: string, claim: Claim): Promise<Verdict>;
  reap(): Promise<number[]>;
  find(ticketId: number): Promise<TicketView>;
  /** Everything that waits for its time may be claimed. */
  passTime(): Promise<void>;
  /** The store's clock goes past the session's lease. */
  expire(sessionId: string): Promise<void>;
  /** Types of the events staged so far, in order. */
  staged(): Promise<string[]>;
}

const clock = systemClock();

export async function ticketBench(options: { readonly database?: Database } = {}): Promise<TicketBench> {
  const database = options.database ?? (await testDatabase()).database;
  const name = `w${clock.uuid()}`;
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, name));
  const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
  const scope = new Scope('bench');
  // Not started: what is staged stays on the stage, to be counted.
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError: raise });
  await chain.declare('kora', [...ticketEvents, ...messageEvents]);
  const stage = chain.stage.bind(chain);
  const prepare = chain.prepare.bind(chain);
  const adding = { owner, prepare, staged: () => undefined };
  const contextOf = (sessionId: string): ResolveContext => ({
    ...owner,
    sessionId,
    prepare,
    staged: () => undefined,
    random: () => 0.5,
    uuid: () => clock.uuid(),
  });
  return {
    database,
    owner,
    stage,
    prepare,
    adding,
    contextOf,
    add: (ticket = {}) =>
      database.transaction((tx) => addTicket(tx, adding, { kind: 'test', title: 'a ticket', ...ticket })),
    session: async () => {
      const sessionId = clock.uuid();
      await beginSession(database, { workspaceId, sessionId }, owner.runtimeId);
      return sessionId;
    },
    claim: async (sessionId, limit = 1, criticalOnly = false) => {
      const { admission } = openDoor();
      const leave = await admission.admit('claim', { caller: 'kora', kind: 'test', critical: criticalOnly });
      assert.ok(leave.allow, 'the door of the bench is open');
      return claimTickets(database, owner, {
        sessionId,
        wants: [{ kind: 'test', limit, deadlineMs: 600_000, pass: leave.pass }],
        total: limit,
        admission,
      });
    },
    resolve: (sessionId, claim, result = {}) =>
      database.transaction((tx) =>
        resolveTicket(tx, contextOf(sessionId), claim, {
          resolution: 'completed',
          summary: 'done',
          ...result,
        }),
      ),
    release: (sessionId, claim) =>
      database.transaction((tx) => releaseTicket(tx, contextOf(sessionId), claim, 'given back')),
    reap: async () => (await reapTickets(database, owner, 500)).map(({ ticketId }) => ticketId),
    find: async (ticketId) => {
      const view = await findTicket(database, workspaceId, ticketId);
      assert.ok(view, `ticket ${ticketId} is gone`);
      return view;
    },
    passTime: async () => {
      await database.query(
        `update kora.ticket_ready set eligible_at = clock_timestamp() where workspace_id = $1
           and eligible_at > clock_timestamp()`,
        [workspaceId],
      );
    },
    expire: async (sessionId) => {
      await database.query(
        `update kora.session set until = clock_timestamp() where workspace_id = $1 and session_id = $2`,
        [workspaceId, sessionId],
      );
    },
    staged: async () => {
      const rows = await database.query<{ type: string }>(
        'select type from kora.stage where workspace_id = $1 order by number',
        [workspaceId],
      );
      return rows.map(({ type }) => type);
    },
  };
}

function raise(_: string, error: unknown): never {
  throw error;
}

import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { takeTurn } from './house-tools/index.ts';
import { McpDesk } from './mcp/index.ts';
import type { McpDeedTable, McpDoer } from './mcp/index.ts';
import { readsForMcp } from './mcp-reads.ts';
import { messageNumber } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { issueStop, liftHolds, placeHold } from './state/index.ts';
import type { ControlContext } from './state/index.ts';
import type { Transaction } from './store/index.ts';
import { addTicket } from './ticket/index.ts';
import { workerAnswers } from './worker-answers.ts';

/** Where programs outside ask, over the rooms. */
export function mcpDeskOf(ground: Ground, rooms: Rooms): McpDesk {
  const { database, workspace, chain, admission, capabilities } = rooms;
  const deeds: McpDeedTable = {
    ...readsForMcp(ground, rooms),
    ...steers(rooms),
    ...acts(ground, rooms),
    ...works(rooms),
  };
  return new McpDesk({
    database,
    workspaceId: workspace.workspaceId,
    clock: ground.clock,
    admission,
    leave: { isGranted: (caller, capability) => capabilities.isGranted(caller, capability) },
    deeds: { carryOut: (tool, doer, input) => deeds[tool](doer, input) },
    record: async (event) => void (await chain.append([event])),
    onError: ground.onError,
  });
}

type Steers = Pick<McpDeedTable, 'kora__request_pause' | 'kora__request_resume' | 'kora__request_stop'>;

/** Less is done, or what the caller itself asked for is lifted. What may not be, the database refuses. */
function steers({ database, workspace, chain, controller }: Rooms): Steers {
  const { workspaceId } = workspace;
  const context: ControlContext = { workspaceId, stage: (tx, drafts) => chain.stage(tx, drafts) };
  return {
    kora__request_pause: ({ actorId }, { reason, forMs }) => {
      const hold = { cause: 'operator', owner: actorId, reason, actorId } as const;
      const place = async (tx: Transaction) => {
        const placed = await placeHold(tx, context, forMs === undefined ? hold : { ...hold, forMs });
        if (placed === undefined) throw fault('KORA_INTERNAL', 'an operator hold met another one');
        return placed;
      };
      return controller.between(() => database.transaction(place), reason);
    },
    kora__request_resume: async ({ actorId, name }, { reason }) => {
      const lift = (tx: Transaction) => liftHolds(tx, context, { by: actorId, reason });
      const lifted = await controller.between(() => database.transaction(lift), reason);
      if (lifted.length > 0) return { lifted: lifted.map(({ holdId }) => holdId) };
      throw fault('KORA_HOLD_UNKNOWN', `there is no pause of ${name} to lift; what others placed is theirs`, {
        fix: "kora resume --reason '...'",
      });
    },
    kora__request_stop: ({ actorId }, { level, reason, forMs }) => {
      const known = ([1, 2] as const).find((each) => each === level);
      if (known === undefined)
        throw fault('KORA_INTERNAL', 'a stop came past the desk that only the operator may give');
      const issuer = { actorId, kind: 'mcp' } as const;
      const ending = forMs === undefined ? {} : { expiresInMs: forMs };
      const wish = { level: known, reason, issuer, via: 'api', ...ending } as const;
      const issue = (tx: Transaction) => issueStop(tx, context, wish).then(({ command }) => command);
      return controller.between(() => database.transaction(issue), reason);
    },
  };
}

type Acts = Pick<McpDeedTable, 'kora__create_sea_ticket' | 'kora__send_message' | 'kora__send_test_alert'>;

/** What a program outside adds. Its text is nobody's here: a ticket of it is not believed. */
function acts({ clock, configuration }: Ground, rooms: Rooms): Acts {
  const { database, workspace, chain, worker, apply } = rooms;
  const { workspaceId } = workspace;
  // Read at each turn: the operator may say another bound while it runs.
  const bounds = (): typeof configuration.config.tools => configuration.config.tools;
  const keyOf = ({ actorId }: McpDoer, key: string | undefined): string =>
    `${actorId}:${key ?? clock.uuid()}`;
  const tell = (message: {
    key: string;
    thread: string;
    title: string;
    body: string;
    severity: 'warning' | 'info';
  }) =>
    database.transaction(async (tx) => {
      const { key } = message;
      await takeTurn(tx, workspaceId, { tool: 'kora__send_message', key, perHour: bounds().messagesPerHour });
      await apply(tx, { messages: [{ ...message, source: 'mcp' }] });
      return { messageId: (await messageNumber(tx, workspaceId, key)) ?? 0 };
    });
  return {
    kora__create_sea_ticket: async (doer, { key: given, ...wish }) => {
      const key = keyOf(doer, given);
      const added = await database.transaction(async (tx) => {
        await takeTurn(tx, workspaceId, {
          tool: 'mcp:kora__create_sea_ticket',
          key,
          perHour: bounds().ticketsPerHour,
        });
        return addTicket(tx, chain, { ...wish, idempotencyKey: key, origin: doer.actorId, trusted: false });
      });
      worker.announce();
      return { ticketId: added.ticketId };
    },
    kora__send_message: (doer, { key, body, ...message }) =>
      tell({
        ...message,
        key: keyOf(doer, key),
        thread: doer.actorId,
        // Who reads it at night must not take a program's words for the runtime's.
        body: `${body}\n\n(sent by the MCP caller ${doer.name})`,
      }),
    kora__send_test_alert: (doer) =>
      tell({
        key: keyOf(doer, undefined),
        thread: doer.actorId,
        severity: 'warning',
        title: `test alert, asked for by the MCP caller ${doer.name}`,
        body: 'Nothing is wrong. Somebody wants to know whether you would be told.',
      }),
  };
}

type Works = Pick<
  McpDeedTable,
  | 'kora__claim_sea_ticket'
  | 'kora__refresh_claim'
  | 'kora__release_claim'
  | 'kora__resolve_sea_ticket'
  | 'kora__append_event'
>;

/** Work on tickets, as any worker in another process does it: the claim token is told to its claimer, once. */
function works(rooms: Rooms): Works {
  const desk = workerAnswers(rooms).workers;
  const worker = async ({ name, workerTokenId }: McpDoer) => {
    const known = workerTokenId === null ? undefined : await rooms.workers.known(workerTokenId);
    if (known !== undefined) return known;
    throw fault('KORA_MCP_NOT_WORKER', `the token of ${name} names no kinds of tickets that it may work`, {
      fix: `kora mcp token add ${name} --grant ticket_work --kind KIND`,
    });
  };
  return {
    kora__claim_sea_ticket: async (doer, { kinds, ...wish }) => {
      const some = kinds === undefined ? {} : { kinds: [...kinds] };
      const { tickets, ...answer } = await desk.claim(await worker(doer), { ...wish, ...some });
      return { ...answer, tickets: tickets.map(({ fence: _fence, ...ticket }) => ticket) };
    },
    kora__refresh_claim: async (doer, { claims }) =>
      desk.refresh(await worker(doer), { claims: [...claims] }),
    kora__release_claim: async (doer, wish) => desk.release(await worker(doer), wish),
    kora__resolve_sea_ticket: async (doer, { result, ...wish }) =>
      desk.resolve(await worker(doer), {
        ...wish,
        ...(result === undefined ? {} : { result: { ...result } }),
      }),
    kora__append_event: async (doer, { data, ...wish }) =>
      desk.event(await worker(doer), { ...wish, data: { ...data } }),
  };
}

import { z } from 'zod';
import type { ToolSpec } from '../reason/index.ts';
import { ticketStatuses } from '../ticket/index.ts';
import type { TicketHistory, TicketView } from '../ticket/index.ts';
import type { HouseToolPorts } from './ports.ts';
import { reading, rowsWith, tool } from './spec.ts';

/** Those of a ticket that is not over, as it is worked: what is held first. */
const active = [
  'in_progress',
  'claimed',
  'blocked_needs_operator',
  'assigned',
  'failed_retryable',
  'released',
  'deferred_cost_limit',
  'waiting',
] as const;
const longestText = 300;
const longestObjective = 4_000;
const mostOfEach = 10;

/** What is to be done, and a ticket for more of it. */
export function ticketTools({ reads, deeds }: HouseToolPorts): readonly ToolSpec[] {
  return [
    tool({
      ...reading,
      name: 'kora__list_active_sea_tickets',
      snapshotField: 'tickets',
      description:
        'Tickets that are not over: held, ready, deferred, waiting or blocked, newest first; or those of one status.',
      input: z.strictObject({
        status: z.enum(ticketStatuses).optional(),
        limit: z.number().int().min(1).max(50).default(20),
      }),
      run: async ({ status, limit }) => {
        const of = status === undefined ? active : [status];
        const found = await Promise.all(of.map((each) => reads.tickets({ status: each, limit })));
        const tickets = found.flat().slice(0, limit);
        return { ...rowsWith(tickets, ticketRow), untrusted: tickets.some(({ trusted }) => !trusted) };
      },
    }),
    tool({
      ...reading,
      name: 'kora__get_ticket',
      description:
        'One ticket whole: objective, status and why, its last attempts with what came of them, its notes, its operations, and what it waits for.',
      input: z.strictObject({ ticket_id: z.number().int().positive() }),
      run: async ({ ticket_id: ticketId }) => {
        const found = await reads.ticket(ticketId);
        if (found === undefined) return { content: `there is no ticket ${ticketId}` };
        const { id, what, row } = ticketRow(found.view);
        const content = { evidence: id, ...row, ...detail(found.view, found.history) };
        // Notes and summaries are of many hands.
        return { content, evidence: [{ id, what }], untrusted: true };
      },
    }),
    tool({
      name: 'kora__create_sea_ticket',
      description:
        'Adds a ticket for work that should be done later or by somebody else. It is not done now. Say in the objective what is to be found out or done, and what is known.',
      capability: 'cap_ticket_create',
      sideEffects: 'idempotent',
      input: z.strictObject({
        title: z.string().trim().min(1).max(200),
        objective: z.string().max(8_000).default(''),
        priority: z.enum(['high', 'normal', 'low']).default('normal'),
      }),
      run: async ({ title, objective, priority }, call) => {
        const key = `tool:${call.callId}`;
        const ticket = {
          kind: 'general',
          title,
          objective,
          priority,
          idempotencyKey: key,
          origin: `tool:${call.caller}`,
          // What strangers had a hand in is not believed for having been written by somebody who is.
          trusted: call.trusted,
        };
        const ticketId = await deeds.addTicket(ticket, { tool: 'kora__create_sea_ticket', key });
        const id = `ticket:${ticketId}`;
        return { content: { evidence: id, ticketId }, evidence: [{ id, what: `${title} was added` }] };
      },
    }),
  ];
}

function ticketRow(view: TicketView): { readonly id: string; readonly what: string; readonly row: object } {
  const { ticketId, kind, title, status, statusReason, priority, critical, origin, trusted, attempts } = view;
  const { createdAt, resolvedAt, summary } = view;
  const shown = {
    ticketId,
    kind,
    title,
    status,
    statusReason,
    priority,
    critical,
    origin,
    trusted,
    attempts,
  };
  return {
    id: `ticket:${ticketId}`,
    what: `${title} is ${status}`,
    row: { ...shown, createdAt, resolvedAt, summary: summary?.slice(0, longestText) ?? null },
  };
}

function detail(view: TicketView, { outcomes, notes, operations, blockedBy }: TicketHistory): object {
  return {
    objective: view.objective.slice(0, longestObjective),
    payload: view.payload,
    progress: view.progress,
    result: view.result,
    attemptsThatEnded: outcomes.slice(-mostOfEach).map(({ resolution, summary, failureReason, at }) => ({
      resolution,
      summary: summary.slice(0, longestText),
      failureReason,
      at,
    })),
    notes: notes.slice(-mostOfEach).map(({ text, at }) => ({ text: text.slice(0, longestText), at })),
    operations: operations.slice(-mostOfEach).map(({ operationId, tool: by, status, error }) => ({
      operationId,
      tool: by,
      status,
      error,
    })),
    blockedBy: blockedBy.map(({ ticketId, title, status }) => ({ ticketId, title, status })),
  };
}

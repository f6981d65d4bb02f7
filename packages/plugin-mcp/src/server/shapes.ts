import { z } from 'zod';

const iso = z.string();
const json = z.record(z.string(), z.unknown());

const hold = z.object({
  holdId: z.number(),
  cause: z.string(),
  owner: z.string(),
  reason: z.string(),
  since: iso,
  expiresAt: iso.nullable(),
});

const stateFields = {
  primaryState: z.string(),
  claimPermission: z.string(),
  degradationReasons: z.array(z.string()),
  since: iso,
  boot: z.string(),
  stopLevel: z.number(),
  holds: z.array(hold),
};

const answer = z.object({ yes: z.boolean().optional(), because: z.array(z.string()) }).loose();

/** What each tool answers. Whatever a shape does not name does not leave. */
export const answers = {
  daemons: z.object({
    daemons: z.array(
      z.object({
        name: z.string(),
        pluginName: z.string(),
        state: z.string(),
        fatal: z.boolean(),
        scope: z.string(),
        startedAt: iso.nullable(),
        restarts: z.number(),
        deaths: z.number(),
        nextStartAt: iso.nullable(),
        error: z.string().nullable(),
        tasks: z.array(z.string()),
      }),
    ),
  }),
  state: z.object({
    ...stateFields,
    transitions: z.array(
      z.object({
        primaryState: z.string(),
        at: iso.optional(),
        from: z.string().optional(),
        trigger: z.string().optional(),
      }),
    ),
  }),
  health: z.object({ overall: z.string(), canWork: answer, mayWork: answer, isWorking: answer }),
  ledger: z.object({
    entries: z.array(
      z.object({
        ticketId: z.number(),
        operationId: z.string(),
        tool: z.string(),
        sideEffects: z.string(),
        status: z.string(),
        dispatches: z.number(),
        error: z.string().nullable(),
        allocatedAt: iso,
        endedAt: iso.nullable(),
      }),
    ),
  }),
  events: z.object({
    events: z.array(
      z.object({
        seq: z.number(),
        type: z.string(),
        at: iso,
        actorId: z.string(),
        ticketId: z.number().nullable(),
        words: z.string(),
        payload: json,
      }),
    ),
  }),
  tickets: z.object({
    tickets: z.array(
      z.object({
        ticketId: z.number(),
        kind: z.string(),
        title: z.string(),
        status: z.string(),
        statusReason: z.string().nullable(),
        priority: z.string(),
        critical: z.boolean(),
        assignedTo: z.string(),
        origin: z.string(),
        trusted: z.boolean(),
        attempts: z.number(),
        createdAt: iso,
        progress: json.nullable(),
        summary: z.string().nullable(),
      }),
    ),
  }),
  ticketAdded: z.object({ ticketId: z.number() }),
  paused: hold,
  resumed: z.object({ lifted: z.array(z.number()) }),
  stopped: z.object({
    commandId: z.string(),
    sequence: z.number(),
    level: z.number(),
    kind: z.string(),
    reason: z.string(),
    createdAt: iso,
    expiresAt: iso.nullable(),
  }),
  told: z.object({ messageId: z.number() }),
  claimed: z.object({
    result: z.string(),
    cause: z.string().nullable(),
    session: z.string().nullable(),
    sessionTtlMs: z.number(),
    tickets: z.array(
      z.object({
        /** Shown with every write about this ticket; told in this one answer. */
        claim: z.string(),
        ticketId: z.number(),
        kind: z.string(),
        title: z.string(),
        objective: z.string(),
        payload: json,
        critical: z.boolean(),
        trusted: z.boolean(),
        attempt: z.number(),
        failures: z.number(),
        deadlineMs: z.number(),
      }),
    ),
  }),
  refreshed: z.object({ sessionTtlMs: z.number(), held: z.array(z.boolean()) }),
  ended: z.object({ verdict: z.enum(['ok', 'already']) }),
  accepted: z.object({ accepted: z.literal(true) }),
  status: z.object({
    state: z.object(stateFields),
    health: z.object({ overall: z.string() }),
    tickets: json,
    chain: z.object({ seq: z.number() }),
    daemons: z.array(z.object({ name: z.string(), state: z.string() })),
  }),
  incidents: z.object({
    incidents: z.array(
      z.object({
        incidentId: z.number(),
        probe: z.string(),
        target: z.string(),
        severity: z.string(),
        title: z.string(),
        detail: z.string(),
        status: z.string(),
        openedAt: iso,
        acknowledgedAt: iso.nullable(),
        failures: z.number(),
        ticketId: z.number().nullable(),
      }),
    ),
  }),
};

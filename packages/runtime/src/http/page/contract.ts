import { z } from 'zod';
import { ticketPrioritySchema } from '../ticket/contract.ts';
import { mutationSchema, storableText } from '../words/contract.ts';

/**
 * What the page asks that no command does: what a stop would do, bands of the past, strips of runs and looks, lanes of
 * thousands, bytes to verify. As everywhere, null is unknown, and zero was measured.
 */

const iso = z.string();

/** `GET /api/stop/preview?level=`: what a stop of this level would do if it were issued now. */
export const stopPreviewSchema = z.object({
  level: z.number(),
  /** What it means, in one line. */
  effect: z.string(),
  /** Tickets whose claims it would take back. */
  claimsReleased: z.array(z.number()),
  /** Tickets that would be worked on to their end. */
  claimsHeld: z.array(z.number()),
  /** Model calls on their way that it would cut off, with what they may cost at most. */
  callsCancelled: z.object({ count: z.number(), costMicroUsd: z.number().nullable() }),
  /** Daemons and tasks that would end or stand still. */
  daemonsStopped: z.array(z.string()),
  /** Whether this process would end. */
  endsProcess: z.boolean(),
  /** What the state would be. */
  stateAfter: z.string().optional(),
  /** What may still pass: for anything, for work in hand alone, for nothing. Doors by their names. */
  doors: z
    .object({ open: z.array(z.string()), heldOnly: z.array(z.string()), closed: z.array(z.string()) })
    .optional(),
  /** Who may take it back. */
  resumedBy: z.string().optional(),
  /** How it is taken back. */
  undo: z.string(),
  command: z.string(),
});

/** `GET /api/resume/preview`: what would go on. */
export const resumePreviewSchema = z.object({
  queued: z.number(),
  deferred: z.number(),
  /** Tasks that have become due meanwhile. */
  tasksDue: z.number(),
  /** Micro-dollars that the month has left; null where no limit is set. */
  budgetLeftMicroUsd: z.number().nullable(),
  /** What would still keep it, in words. */
  stillHeldBy: z.array(z.string()),
});

/** `GET /api/operational-state/transitions?since=&before=&limit=`, newest first. */
export const stateTransitionSchema = z.object({
  seq: z.number(),
  at: iso,
  from: z.string(),
  to: z.string(),
  cause: z.string(),
  trigger: z.string(),
  actor: z.string(),
  note: z.string().nullable(),
  claimPermission: z.string(),
  reasonsAdded: z.array(z.string()),
  reasonsRemoved: z.array(z.string()),
});

/** One verb over at most 200 tickets. Each item is once for its key, so that a request which broke off may be sent again. */
export const ticketDeedsSchema = mutationSchema
  .extend({
    ids: z.array(z.number().int().positive()).min(1).max(200),
    verb: z.enum(['cancel', 'retry', 'unblock', 'release', 'reassign', 'reprioritise']),
    /** For `reassign`: whose it is to be. */
    assignedTo: storableText(200).optional(),
    /** For `reprioritise`. */
    priority: ticketPrioritySchema.optional(),
    /** Each ticket's key is made of it and the ticket's number. */
    idempotencyKey: storableText(180).optional(),
  })
  .refine(({ verb, assignedTo }) => verb !== 'reassign' || assignedTo !== undefined, {
    path: ['assignedTo'],
    message: 'whose the tickets are to be',
  })
  .refine(({ verb, priority }) => verb !== 'reprioritise' || priority !== undefined, {
    path: ['priority'],
    message: 'which priority they are to have',
  });

/** `POST /api/tickets/deed-many`: one verb over many tickets, each for itself. */
export const manyTicketsSchema = z.object({
  results: z.array(
    z.object({
      ticketId: z.number(),
      ok: z.boolean(),
      code: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
});

/** `GET /api/task-runs?limit=`: the last runs of every task, oldest first in each. */
export const taskRunsSchema = z.array(
  z.object({
    name: z.string(),
    paused: z.boolean(),
    /** Who paused it and why; null while it is not paused. */
    pause: z.object({ by: z.string(), reason: z.string(), at: iso }).nullable().optional(),
    runs: z.array(
      z.object({
        scheduledAt: iso,
        startedAt: iso,
        durationMs: z.number().nullable(),
        outcome: z.string(),
        error: z.string().nullable(),
      }),
    ),
  }),
);

/** `POST /api/tasks/:name/pause` and `/resume`: how the task stands now. */
export const taskPausedSchema = z.object({
  name: z.string(),
  paused: z.boolean(),
  /** False: it stood so already, and nothing was done. */
  changed: z.boolean(),
});

/** `GET /api/probe-strips?looks=`: the last looks of every probe, oldest first, with their latency. */
export const probeStripsSchema = z.array(
  z.object({
    probe: z.string(),
    looks: z.array(
      z.object({
        at: iso,
        status: z.string(),
        latencyMs: z.number().nullable(),
        error: z.string().nullable(),
      }),
    ),
    /** Over these looks; null where none had a latency. */
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
  }),
);

const wakeTellings = ['delivered', 'pending', 'fallback', 'failed', 'held', 'not_owed', 'not_told'] as const;

/** `GET /api/wakes?limit=&probe=&ticket=` and `GET /api/wakes/:id`: one wake through its four steps. */
export const wakeSchema = z.object({
  wakeId: z.string(),
  seq: z.number(),
  at: iso,
  probe: z.string(),
  category: z.string(),
  severity: z.string(),
  incidentId: z.number().nullable(),
  /** Null: it was not held back. */
  debounced: z.object({ count: z.number(), nextEligibleAt: iso.nullable() }).nullable(),
  /** Null: nobody was asked. */
  investigated: z
    .object({
      ticketId: z.number().nullable(),
      runId: z.string().nullable(),
      route: z.string().nullable(),
      outcome: z.string().nullable(),
      costMicroUsd: z.number().nullable(),
    })
    .nullable(),
  /**
   * Null: no message is known of it. `failed`: its channel refuses it, and it is tried again; `held`: it is told later, by a
   * rule; `not_owed`: nobody was to be told; `not_told`: somebody was, and nothing says that they were.
   */
  told: z
    .object({
      messageId: z.number().nullable(),
      channel: z.string().nullable(),
      status: z.enum(wakeTellings),
      why: z.string().nullable(),
    })
    .nullable(),
});

/** `GET /api/spend/days?days=`: the ledger by day, route, model and source, oldest first. Sums are the ledger's. */
export const spendDaySchema = z.object({
  day: z.string(),
  costMicroUsd: z.number(),
  calls: z.number(),
  /** Calls whose cost is an estimate, or whose model has no price. */
  unpriced: z.number(),
  slices: z.array(
    z.object({
      by: z.enum(['route', 'model', 'source']),
      key: z.string(),
      costMicroUsd: z.number(),
      calls: z.number(),
    }),
  ),
});

/** `GET /api/chain/standing`: what is known of the chain as a whole. */
export const chainStandingSchema = z.object({
  head: z.object({ seq: z.number(), hash: z.string() }).nullable(),
  /** Everything up to here was recomputed and fits; null: never since it was written. */
  verifiedUpTo: z.number().nullable(),
  verifiedAt: iso.nullable(),
  /** When all of it was last recomputed. */
  lastFullPassAt: iso.nullable(),
  brokenAt: z.number().nullable(),
  problem: z.string().nullable(),
  anchor: z.object({ seq: z.number(), at: iso }).nullable(),
});

/** `GET /api/chain-bytes?from=&to=`, at most 500: exactly what is hashed, for the page to hash again. */
export const chainBytesSchema = z.array(
  z.object({
    seq: z.number(),
    /** Base64, as all of them. */
    prevHash: z.string(),
    hash: z.string(),
    /** A version byte, the previous hash (32 bytes), the SHA-256 of the body's text (32 bytes), every field. */
    bytes: z.string(),
    /** The text that was hashed as its body; null when it was redacted. */
    body: z.string().nullable(),
  }),
);

/** One line of the runtime's log. */
export const logLineSchema = z.object({
  /** Its place in the log: opaque, ordered. */
  place: z.string(),
  time: iso,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  /** The room or the plugin it comes from. */
  logger: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()),
});

/** `GET /api/logs?before=&after=&since=&until=&limit=&level=&logger=&q=`, newest first. */
export const logPageSchema = z.object({
  lines: z.array(logLineSchema),
  /** `before` of the next page; null when there is no more. */
  next: z.string().nullable(),
});

/** `GET /api/logs/stream`, event `log`: what was written since the last one, oldest first. */
export const logNewsSchema = z.object({
  lines: z.array(logLineSchema),
  /** Bytes of the log that came too fast and were left out. */
  droppedBytes: z.number(),
  /** Lines among them; null for too many to be counted. */
  droppedLines: z.number().nullable().optional(),
});

/** `GET /api/diagnostics`: what a person needs who is asked for help. No secret is in it. */
export const diagnosticsSchema = z.object({
  at: iso,
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  uptimeMs: z.number(),
  bootId: z.number().nullable(),
  store: z.object({ kind: z.string(), version: z.string().nullable(), latencyMs: z.number().nullable() }),
  /** Milliseconds from a seal to its reader; null while nobody reads. */
  eventLagMs: z.number().nullable(),
  /** Null while the store does not answer. */
  seq: z.number().nullable(),
  streams: z.number(),
  memoryMiB: z.number(),
  eventLoopDelayMs: z.number().nullable(),
  /** Milliseconds by which the store's clock is ahead of this process's; null while the store does not answer. */
  clockSkewMs: z.number().nullable().optional(),
  /** How many there are of what. */
  counts: z.record(z.string(), z.number()).optional(),
  plugins: z.array(z.object({ id: z.string(), version: z.string(), state: z.string() })),
  findings: z.array(
    z.object({
      level: z.string(),
      subject: z.string(),
      message: z.string(),
      fix: z.string().nullable(),
    }),
  ),
  /** What browsers said that the page's policy stopped, newest first. */
  policyReports: z.array(z.object({ at: iso, directive: z.string(), blocked: z.string() })),
});

/** `GET /api/message-log?channel=&direction=&status=&before=&limit=`: what went out and came in, newest first. */
export const messageLogSchema = z.object({
  rows: z.array(
    z.object({
      key: z.string(),
      at: iso,
      direction: z.enum(['in', 'out']),
      channel: z.string(),
      /** Outbound: pending, delivered, failed, withdrawn. Inbound: its state, or `refused`. */
      status: z.string(),
      title: z.string(),
      text: z.string(),
      /** Who wrote it, or whom it went to. */
      who: z.string().nullable(),
      trusted: z.boolean().nullable(),
      reason: z.string().nullable(),
      attempts: z.number(),
      messageId: z.number().nullable(),
      inboundId: z.number().nullable(),
      /** A webhook's or a refused one's place on the chain. */
      seq: z.number().nullable(),
    }),
  ),
  next: z.string().nullable(),
});

/** `GET /api/sea-tickets/lane?lane=&after=&limit=&sort=&q=`: one lane, further than the board's first 200. */
export const laneQuerySchema = z.object({
  lane: z.enum(['in_progress', 'queued', 'deferred', 'failed_or_blocked', 'recently_resolved']),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  sort: z.enum(['age', 'cost', 'priority']).optional(),
  q: z.string().max(200).optional(),
});

const sample = z.number().nullable();

/** `GET /api/lane-history`: a day in half hours, oldest first; the last one is still going on. */
export const laneHistorySchema = z.array(
  z.object({
    /** Its end. */
    at: iso,
    /** As counted last within it; null where nobody counted. */
    in_progress: sample,
    queued: sample,
    deferred: sample,
    failed_or_blocked: sample,
    /** Attempts that ended within it, of which at most `mostEnded` are counted; null before there was a workspace. */
    ended: sample,
  }),
);
/** What `ended` says where there were as many or more. */
export const mostEnded = 200;

/** `GET /api/attention`: what waits for the operator beside holds, tickets, daemons, incidents, questions and messages. */
export const attentionSchema = z.object({
  items: z.array(
    z.object({
      /** `untold`: something was to be told to the operator, and no channel has taken it. */
      what: z.enum(['chain', 'alert', 'untold', 'proposal']),
      /** Of the alert or the proposal; of the chain, the first event that does not prove. */
      id: z.number(),
      severity: z.enum(['critical', 'warning', 'info']),
      title: z.string(),
      detail: z.string().nullable(),
      since: iso.nullable(),
      /** Somebody knows of it, or wants to hear of it later. */
      taken: z.boolean(),
      /** Where it was told, or was to be. */
      thread: z.string().nullable(),
    }),
  ),
  /** When anything last ceased to wait, by the chain; null when the chain knows of nothing. */
  lastClearedAt: iso.nullable(),
});

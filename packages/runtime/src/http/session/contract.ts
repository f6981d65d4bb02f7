import { z } from 'zod';
import { reasonSchema, storableText } from '../words/contract.ts';

/**
 * What a session may do. `read` looks; `operate` retries, acknowledges, runs, pauses; `approve` answers what waits;
 * `stop` stops; `admin` changes configuration, sessions and tokens.
 */
export const scopes = ['read', 'operate', 'approve', 'stop', 'admin'] as const;
export const scopeSchema = z.enum(scopes);
export type Scope = z.infer<typeof scopeSchema>;

/** One paired page or device; its secret is nowhere but in its cookie. */
export const sessionSchema = z.object({
  sessionId: z.string(),
  /** What it calls itself: `Chrome on Linux`. A stranger's text. */
  device: z.string(),
  scopes: z.array(scopeSchema),
  createdAt: z.string(),
  seenAt: z.string(),
  /** When it ends at the latest. */
  expiresAt: z.string(),
  /** It is the one that asks. */
  current: z.boolean(),
  /** Until when it may approve what is of high risk without pairing again; null: not now. */
  freshUntil: z.string().nullable(),
});

/** Whoever asks, as the page needs to know it: the token of the home has every scope and no session. */
export const callerSchema = z.object({
  kind: z.enum(['session', 'token']),
  scopes: z.array(scopeSchema),
  session: sessionSchema.nullable(),
});

/** Why whoever knocked was not let in. */
export const refusalCauseSchema = z.enum([
  'host',
  'foreign_page',
  'no_credential',
  'wrong_token',
  'worker_token',
  'mcp_token',
  'dead_session',
  'token_and_session',
  'no_origin',
  'scope_missing',
  'not_fresh',
  'pairing_wrong',
  'pairing_used',
  'pairing_expired',
  'pairing_restarted',
  'pairing_too_many',
]);

/** Everybody who is signed in, and who was turned away since this runtime began. */
export const sessionsSchema = z.object({
  sessions: z.array(sessionSchema),
  refused: z.object({
    total: z.number(),
    /** Since when it was counted: the runtime's beginning. */
    since: z.string(),
    causes: z.array(z.object({ cause: refusalCauseSchema, count: z.number(), lastAt: z.string() })),
  }),
});

/** What a pairing code opens: left out, everything. A session cannot hand on what it does not have. */
export const pairingWishSchema = z.strictObject({
  scopes: z.array(scopeSchema).min(1).max(scopes.length).optional(),
  device: storableText(80).optional(),
  /** How long the code is good, in milliseconds; default two minutes. */
  validForMs: z.number().int().min(1_000).max(900_000).optional(),
});

/** A code as the page hands it over, or as it was typed by hand: case, hyphens and blanks do not matter. */
export const pairSchema = z.strictObject({ code: z.string().min(1).max(200) });

export const pairingSchema = z.object({
  url: z.string(),
  expiresAt: z.string(),
  /** The same code to be typed by hand: eight groups of four. */
  code: z.string(),
  scopes: z.array(scopeSchema),
});

export const revokeSessionSchema = reasonSchema;
/** All of them, or all but the one that asks. */
export const revokeSessionsSchema = reasonSchema.extend({ which: z.enum(['all', 'others']) });
export const revokedSessionsSchema = z.object({ revoked: z.array(z.string()) });

/** One thing that a page was not allowed to load or run; every text is a stranger's. */
export const cspReportSchema = z.object({
  at: z.string(),
  directive: z.string(),
  blocked: z.string(),
  document: z.string(),
  source: z.string().nullable(),
  line: z.number().nullable(),
});
export const cspReportsSchema = z.object({
  /** Since this runtime began. */
  total: z.number(),
  /** The last twenty, newest first. */
  last: z.array(cspReportSchema),
});

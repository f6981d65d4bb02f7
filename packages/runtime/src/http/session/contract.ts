import { z } from 'zod';

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

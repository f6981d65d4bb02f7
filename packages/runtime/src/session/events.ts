import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const opened = classified({
  public: { session: z.string(), scopes: z.array(z.string()), expires_at: z.string() },
  internal: { device: z.string() },
});
export const sessionOpened: EventType<z.infer<typeof opened>> = eventType(
  'kora.session.opened',
  'A page or a device was paired: it may do what its permissions say until it is revoked or its time is over.',
  opened,
);

const revoked = classified({
  public: {
    session: z.string(),
    /** `replaced`: the same browser was paired again; `crowded`: the oldest gave way to a new one. */
    why: z.enum(['revoked', 'replaced', 'crowded']),
    /** Session that asked; null: the token of the home. */
    by: z.string().nullable(),
  },
  internal: { reason: z.string() },
});
export const sessionRevoked: EventType<z.infer<typeof revoked>> = eventType(
  'kora.session.revoked',
  'A session ended before its time: its cookie is worth nothing any more, and its streams were closed.',
  revoked,
);

const refused = classified({ public: { cause: z.string(), count: z.number() } });
export const sessionRefused: EventType<z.infer<typeof refused>> = eventType(
  'kora.session.refused',
  'Requests were turned away at the door of the API; once a minute for each cause, with how many since it was last told.',
  refused,
);

const done = classified({
  public: {
    deed: z.string(),
    /** Null: the token of the home. */
    session: z.string().nullable(),
  },
  internal: {
    path: z.string(),
    device: z.string().nullable(),
    reason: z.string().nullable(),
    idempotency_key: z.string().nullable(),
  },
});
export const deedDone: EventType<z.infer<typeof done>> = eventType(
  'kora.deed.done',
  'Something was asked for over the API and done; the answer named this deed in its head. What came of it is in events of its own.',
  done,
);

export const sessionEvents: readonly EventType[] = [sessionOpened, sessionRevoked, sessionRefused, deedDone];

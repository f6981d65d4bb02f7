import type { Context } from 'hono';
import { fault } from '../../fault/index.ts';
import type { CallerRow } from '../shapes.ts';
import { scopes as allScopes } from './contract.ts';
import type { Scope } from './house.ts';
import { freshUntil } from './sessions.ts';
import type { Session } from './sessions.ts';

/** Who asks: a page that was paired, or null for the token of the home, which may do everything. */
export type Caller = Session | null;

const callers = new WeakMap<Request, Caller>();

/** What the guard found out. */
export function setCaller(context: Context, caller: Caller): void {
  callers.set(context.req.raw, caller);
}

/** Who asks; null also where a worker or a program over MCP does. */
export function callerOf(context: Context): Caller {
  return callers.get(context.req.raw) ?? null;
}

export function scopesOf(caller: Caller): readonly Scope[] {
  return caller?.scopes ?? allScopes;
}

/** Throws KORA_SCOPE_MISSING naming what is missing. */
export function requireScope(caller: Caller, needs: Scope): void {
  const has = scopesOf(caller);
  if (has.includes(needs)) return;
  throw fault('KORA_SCOPE_MISSING', `this session may not do that: it lacks the permission ${needs}`, {
    fix: `kora cockpit --scopes ${[...has, needs].join(',')}`,
    details: { cause: 'scope_missing', missing: needs },
  });
}

/**
 * For a yes to what is of high risk: the page must have been paired within ten minutes. Throws KORA_SESSION_NOT_FRESH.
 */
export function requireFresh(caller: Caller, now: number): void {
  if (caller === null || freshUntil(caller, now) !== null) return;
  throw fault(
    'KORA_SESSION_NOT_FRESH',
    'this is of high risk, and the page was paired more than 10 min ago',
    {
      fix: 'kora cockpit',
      details: { cause: 'not_fresh' },
    },
  );
}

/** As the page is told of it. */
export function callerView(caller: Caller, now: number): CallerRow {
  return {
    kind: caller === null ? 'token' : 'session',
    scopes: [...scopesOf(caller)],
    session: caller === null ? null : sessionView(caller, { now, caller }),
  };
}

export function sessionView(
  session: Session,
  { now, caller }: { readonly now: number; readonly caller: Caller },
): NonNullable<CallerRow['session']> {
  const fresh = freshUntil(session, now);
  return {
    sessionId: session.sessionId,
    device: session.device,
    scopes: [...session.scopes],
    createdAt: new Date(session.createdAt).toISOString(),
    seenAt: new Date(session.seenAt).toISOString(),
    expiresAt: new Date(session.expiresAt).toISOString(),
    current: session.sessionId === caller?.sessionId,
    freshUntil: fresh === null ? null : new Date(fresh).toISOString(),
  };
}

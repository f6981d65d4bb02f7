import { Hono } from 'hono';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Access } from '../access.ts';
import type { Sessions } from './sessions.ts';
import { fault } from '../../fault/index.ts';
import { cookieName } from '../guard.ts';
import { parseWith } from '../problem.ts';
import type { Readers } from '../readers.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { storableText } from '../words/contract.ts';
import { callerOf, callerView, requireScope, scopesOf, sessionView } from './caller.ts';
import * as shape from './contract.ts';
import type { CspReports } from './csp.ts';
import { deviceOf } from './device.ts';

export interface DoorOptions {
  readonly access: Access;
  readonly port: () => number;
}

const sevenDays = 7 * 24 * 3_600;

/** The trade of a code for a cookie, open to everybody. */
export function pairRoute({ access, port }: DoorOptions): Hono {
  const routes = new Hono();
  routes.post('/pair', async (context) => {
    const sent: unknown = await context.req.json().catch(() => undefined);
    const { code } = parseWith(shape.pairSchema, sent, 'the body');
    const name = cookieName(port());
    const before = getCookie(context, name);
    const device = deviceOf(context.req.header('user-agent'));
    const secret = await access.pair(code, { device, ...(before === undefined ? {} : { before }) });
    // Not Secure: over plain HTTP on loopback Safari would not keep it.
    setCookie(context, name, secret, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: sevenDays });
    return context.json({ ok: true });
  });
  return routes;
}

export interface DoorReads extends DoorOptions {
  readonly reports: CspReports;
  readonly readers: Readers;
}

export function sessionReads(
  read: Reader,
  { clock, house }: RoutesOptions,
  { access, reports }: DoorReads,
): void {
  read('/caller', { data: shape.callerSchema }, (_, at) => callerView(callerOf(at), clock.now()));
  read('/sessions', { data: shape.sessionsSchema }, async (_, at) => {
    const who = { now: clock.now(), caller: callerOf(at) };
    const all = await access.everySession(house);
    const sessions = all.list().map((session) => sessionView(session, who));
    return { sessions, refused: access.refusals.read() };
  });
  read('/csp-reports', { data: shape.cspReportsSchema }, () => reports.read());
}

export function sessionWrites(write: Writer, { house }: RoutesOptions, { access, port }: DoorOptions): void {
  write(
    '/pairing',
    { body: shape.pairingWishSchema, data: shape.pairingSchema },
    ({ scopes, device, validForMs }, at) => {
      const caller = callerOf(at);
      for (const scope of scopes ?? []) requireScope(caller, scope);
      const wanted =
        scopes === undefined ? scopesOf(caller) : shape.scopes.filter((each) => scopes.includes(each));
      const { code, typed, expiresAt } = access.mintCode({
        scopes: wanted,
        device: device ?? null,
        ...(validForMs === undefined ? {} : { lifeMs: validForMs }),
      });
      return {
        url: `http://127.0.0.1:${port()}/pair#code=${code}`,
        expiresAt: new Date(expiresAt).toISOString(),
        code: typed,
        scopes: [...wanted],
      };
    },
  );
  const data = shape.revokedSessionsSchema;
  write('/sessions/:session/revoke', { body: shape.revokeSessionSchema, data }, async ({ reason }, at) => {
    const caller = callerOf(at);
    const id = parseWith(storableText(64), at.req.param('session'), 'the session');
    if (id !== caller?.sessionId) requireScope(caller, 'admin');
    const all = await access.everySession(house);
    const revoked = ended(all, at, { reason, fits: (sessionId) => sessionId === id });
    if (revoked.length > 0) return { revoked };
    throw fault('KORA_NOT_FOUND', `there is no session ${id}`, { fix: 'kora cockpit sessions' });
  });
  write('/sessions/revoke', { body: shape.revokeSessionsSchema, data }, async ({ reason, which }, at) => {
    const own = callerOf(at)?.sessionId;
    const fits = (sessionId: string): boolean => which === 'all' || sessionId !== own;
    return { revoked: ended(await access.everySession(house), at, { reason, fits }) };
  });
}

function ended(
  sessions: Sessions,
  context: Context,
  { reason, fits }: { readonly reason: string; readonly fits: (sessionId: string) => boolean },
): string[] {
  const by = callerOf(context)?.sessionId ?? null;
  return sessions.end(({ sessionId }) => fits(sessionId), { why: 'revoked', by, reason });
}

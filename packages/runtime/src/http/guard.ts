import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { fault, KoraError } from '../fault/index.ts';
import type { Access } from './access.ts';
import { checkMcp, isMcpPath } from './mcp/routes.ts';
import { refusalCauseSchema } from './session/contract.ts';
import { requireScope, setCaller } from './session/caller.ts';
import { cspPath, cspTypes } from './session/csp.ts';
import type { RefusalCause } from './session/house.ts';
import { needOf } from './session/needs.ts';
import { checkWorker, isWorkerPath, workerTokenMissing } from './worker/caller.ts';
import type { WorkerCaller } from './worker/house.ts';

export interface GuardOptions {
  readonly access: Access;
  /** Known once the socket listens. */
  readonly port: () => number;
  /** Whose worker token it is. Throws KORA_AUTH_MISSING. */
  readonly worker: (token: string) => Promise<WorkerCaller>;
  /** Whether it is the token of a program that may ask over MCP. Throws KORA_AUTH_MISSING. */
  readonly mcp: (token: string) => Promise<void>;
  /** Throws KORA_NOT_READY as long as there is no store that could know a session of an earlier run. */
  readonly awaitHouse: () => void;
}

const maxBodyBytes = 64 * 1_024;
/** What a request may carry where it carries much: thousands of tickets at once. */
const largeBodies: ReadonlyMap<string, number> = new Map([
  ['/api/tickets/bulk', 16 * 1_024 * 1_024],
  ['/mcp', 1_024 * 1_024],
]);
/** Served to anybody: alive, ready, the page's shell (no secret in it) and the trade of a pairing code. */
const openPaths = new Set(['/healthz', '/readyz', '/api/pair']);

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  // Where both are said browsers take `report-to`, which they do only over TLS: this one speaks everywhere.
  `report-uri ${cspPath}`,
].join('; ');

/** A cookie knows no port, so its name does: two runtimes on one machine do not overwrite each other's. */
export function cookieName(port: number): string {
  return `kora_session_${port}`;
}

/**
 * Stands before every route, in the order of COCKPIT "Security": method, host, where the request comes from, what it
 * carries, who sends it, whether he may. What a later route does cannot be reached past it. Who is turned away is counted
 * by why.
 */
export function guard(options: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    secureHeaders(context);
    try {
      await check(context, options);
      await next();
    } catch (error) {
      count(error, options.access);
      throw error;
    }
    // What a route refuses is answered by now: its fault stands in the context.
    if (context.error !== undefined) count(context.error, options.access);
  };
}

async function check(context: Context, options: GuardOptions): Promise<void> {
  const port = options.port();
  checkMethod(context);
  checkHost(context, port);
  checkOrigin(context, port);
  checkBody(context);
  if (isWorkerPath(context.req.path)) {
    if (options.access.isRevoked) throw workerTokenMissing();
    await counted(options.access, 'worker_token', checkWorker(context, options.worker));
  } else if (isMcpPath(context.req.path)) {
    if (options.access.isRevoked) throw fault('KORA_AUTH_MISSING', 'tokens are worth nothing any more');
    await counted(options.access, 'mcp_token', checkMcp(context, options.mcp));
  } else if (context.req.path.startsWith('/api/') && !openPaths.has(context.req.path))
    await checkCaller(context, options);
}

/** A token that is not the operator's says nothing of why: that it was refused is what counts. */
async function counted(access: Access, cause: RefusalCause, check: Promise<void>): Promise<void> {
  try {
    await check;
  } catch (error) {
    if (error instanceof KoraError && error.code === 'KORA_AUTH_MISSING') access.refusals.note(cause);
    throw error;
  }
}

/** Faults say why they refuse in their details; those that do not are no refusals at the door. */
function count(error: unknown, access: Access): void {
  const cause = error instanceof KoraError ? error.details['cause'] : undefined;
  const known = refusalCauseSchema.safeParse(cause);
  if (known.success) access.refusals.note(known.data);
}

function refusal(
  code: 'KORA_AUTH_REFUSED' | 'KORA_AUTH_MISSING',
  cause: RefusalCause,
  message: string,
): Error {
  const fix = 'kora cockpit for the page; the token of the home for programs';
  return fault(code, message, { details: { cause }, ...(code === 'KORA_AUTH_MISSING' ? { fix } : {}) });
}

function secureHeaders(context: Context): void {
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'cache-control': 'no-store',
  };
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
}

function checkMethod(context: Context): void {
  if (['GET', 'HEAD', 'POST'].includes(context.req.method)) return;
  throw fault('KORA_REQUEST_INVALID', `method ${context.req.method} is not offered`, {
    details: { status: 405 },
  });
}

/** Exact, on every request: a name that resolves to loopback is how DNS rebinding gets in. */
function checkHost(context: Context, port: number): void {
  const host = context.req.header('host') ?? '';
  if (hosts(port).includes(host)) return;
  throw fault('KORA_HOST_REFUSED', 'this host name is not served here', {
    fix: `open http://127.0.0.1:${port}`,
    details: { cause: 'host' },
  });
}

function hosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

function checkOrigin(context: Context, port: number): void {
  const site = context.req.header('sec-fetch-site');
  const navigation =
    context.req.method === 'GET' &&
    context.req.header('sec-fetch-mode') === 'navigate' &&
    context.req.header('sec-fetch-dest') === 'document' &&
    !context.req.path.startsWith('/api/');
  const origin = context.req.header('origin');
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none' && !navigation;
  const foreignOrigin = origin !== undefined && !hosts(port).some((host) => origin === `http://${host}`);
  if (foreignSite || foreignOrigin)
    throw refusal('KORA_AUTH_REFUSED', 'foreign_page', 'requests of other pages are refused');
}

function checkBody(context: Context): void {
  if (context.req.method !== 'POST') return;
  const type = context.req.header('content-type') ?? '';
  const wanted = context.req.path === cspPath ? cspTypes : ['application/json'];
  if (!wanted.includes(type.split(';')[0]?.trim() ?? '')) {
    throw fault('KORA_REQUEST_INVALID', 'a body must be application/json', { details: { status: 415 } });
  }
  const length = Number(context.req.header('content-length') ?? Number.NaN);
  const most = largeBodies.get(context.req.path) ?? maxBodyBytes;
  if (!(length <= most)) {
    const why = Number.isNaN(length) ? 'must say its content-length' : `is larger than ${most} bytes`;
    throw fault('KORA_REQUEST_INVALID', `the body ${why}`, {
      details: { status: Number.isNaN(length) ? 411 : 413 },
    });
  }
}

async function checkCaller(context: Context, { access, port, awaitHouse }: GuardOptions): Promise<void> {
  const { method, path } = context.req;
  const authorization = context.req.header('authorization');
  const cookie = getCookie(context, cookieName(port()));
  if (authorization !== undefined && cookie !== undefined)
    throw refusal(
      'KORA_AUTH_REFUSED',
      'token_and_session',
      'a request carries a token or a session, not both',
    );
  if (authorization !== undefined) {
    const bearer = /^Bearer (\S+)$/.exec(authorization)?.[1];
    if (bearer === undefined || !access.isToken(bearer)) throw missing('wrong_token');
    setCaller(context, null);
    return;
  }
  if (cookie === undefined) throw missing('no_credential');
  const session = await access.session(cookie, awaitHouse);
  if (session === undefined) throw missing('dead_session');
  if (method === 'POST' && context.req.header('origin') === undefined)
    throw refusal('KORA_AUTH_REFUSED', 'no_origin', 'a page must say its origin');
  requireScope(session, needOf(method, path).scope);
  setCaller(context, session);
}

function missing(cause: RefusalCause): Error {
  return refusal('KORA_AUTH_MISSING', cause, 'no valid token or session came with the request');
}

import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { fault } from '../fault/index.ts';
import type { Access } from './access.ts';
import { checkMcp, isMcpPath } from './mcp/routes.ts';
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
].join('; ');

/** A cookie knows no port, so its name does: two runtimes on one machine do not overwrite each other's. */
export function cookieName(port: number): string {
  return `kora_session_${port}`;
}

/**
 * Stands before every route, in the order of COCKPIT "Security": method, host, where the request comes from, what it
 * carries, who sends it. What a later route does cannot be reached past it.
 */
export function guard(options: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    secureHeaders(context);
    const port = options.port();
    checkMethod(context);
    checkHost(context, port);
    checkOrigin(context, port);
    checkBody(context);
    if (isWorkerPath(context.req.path)) {
      if (options.access.isRevoked) throw workerTokenMissing();
      await checkWorker(context, options.worker);
    } else if (isMcpPath(context.req.path)) {
      if (options.access.isRevoked) throw fault('KORA_AUTH_MISSING', 'tokens are worth nothing any more');
      await checkMcp(context, options.mcp);
    } else if (context.req.path.startsWith('/api/') && !openPaths.has(context.req.path))
      checkCaller(context, options);
    await next();
  };
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
  if (foreignSite || foreignOrigin) throw fault('KORA_AUTH_REFUSED', 'requests of other pages are refused');
}

function checkBody(context: Context): void {
  if (context.req.method !== 'POST') return;
  const type = context.req.header('content-type') ?? '';
  if (type.split(';')[0]?.trim() !== 'application/json') {
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

function checkCaller(context: Context, { access, port }: GuardOptions): void {
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  const cookie = getCookie(context, cookieName(port()));
  if (bearer !== undefined && cookie !== undefined) {
    throw fault('KORA_AUTH_REFUSED', 'a request carries a token or a session, not both');
  }
  if (bearer !== undefined && access.isToken(bearer)) return;
  if (cookie !== undefined && access.isSession(cookie)) {
    if (context.req.method === 'POST' && context.req.header('origin') === undefined) {
      throw fault('KORA_AUTH_REFUSED', 'a page must say its origin');
    }
    return;
  }
  throw fault('KORA_AUTH_MISSING', 'no valid token or session came with the request', {
    fix: 'kora cockpit for the page; the token of the home for programs',
  });
}

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { Access } from './access.ts';
import { artifactContent } from './artifact/routes.ts';
import { chainStreams } from './chain/routes.ts';
import type * as shape from './shapes.ts';
import { guard } from './guard.ts';
import type { House } from './house.ts';
import { closeServer, listen, listenBeside, urlOf } from './listen.ts';
import { GuestMounts } from './mount/guest-mounts.ts';
import { Mounts } from './mounts.ts';
import { openApi, standingOperations } from './openapi.ts';
import type { Operation } from './openapi.ts';
import { answerProblem } from './problem.ts';
import { logStream } from './page/log-stream.ts';
import { Readers } from './readers.ts';
import { runStream } from './reason/live.ts';
import { readRoutes, writeRoutes } from './routes.ts';
import { callerOf } from './session/caller.ts';
import { cspPath, CspReports } from './session/csp.ts';
import { pairRoute } from './session/routes.ts';
import { eventStream } from './stream.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
  /** Of the pages of untrusted plugins, opened for the first of them; 0, the default, asks for a free one. */
  readonly guestPort?: number;
  readonly token: string;
  readonly clock: Clock;
  /** The boot as it stands, for /readyz and for what is asked too early. */
  readonly boot: () => shape.BootReport;
  readonly onError: (where: string, error: unknown) => void;
}

export interface HttpServer {
  /** `http://127.0.0.1:9119`. */
  readonly url: string;
  readonly mounts: Mounts;
  /** The mounts of untrusted plugins, on a port of their own. */
  readonly guestMounts: GuestMounts;
  /** A link that opens the page signed in, once, within two minutes; null when no page is mounted. */
  pairingUrl(): string | null;
  /** The rooms stand: from now on the API answers. */
  open(house: House): void;
  /** Token, sessions and pairing codes are refused from now on; what was let in before still gets its answer. */
  revoke(): void;
  /** The rooms are about to go: from now on it answers 503 that it is stopping. Streams go on to their end. */
  shut(): void;
  close(): Promise<void>;
}

/** Listens at once; until the rooms stand it answers 503 with the gates. Throws KORA_PORT_TAKEN naming the port. */
export async function startServer(options: ServerOptions): Promise<HttpServer> {
  const access = new Access(options);
  const mounts = new Mounts();
  const guestMounts = new GuestMounts({ ...options, port: options.guestPort ?? 0 });
  const closing = new AbortController();
  let house: House | undefined;
  let isStopping = false;
  let port = options.port;
  const parts: Parts = {
    options,
    access,
    mounts,
    port: () => port,
    house: () => {
      if (house !== undefined) return house;
      if (isStopping) throw fault('KORA_NOT_READY', 'Kora is stopping', { fix: 'kora up, once it is gone' });
      const boot = options.boot();
      const waiting = boot.waitingFor === null ? '' : `: ${boot.waitingFor}`;
      throw fault('KORA_NOT_READY', `Kora is still booting${waiting}`, {
        fix: 'kora boot',
        details: { boot },
      });
    },
    signal: closing.signal,
  };
  const { fetch } = application(parts);
  const server = createAdaptorServer({ fetch }) as Server;
  const fix = `kora up --port ${options.port + 1}, or set http.port in kora.json; 0 takes any free port`;
  port = await listen(server, { ...options, fix });
  const beside = createAdaptorServer({ fetch }) as Server;
  if (await listenBeside(beside, options.host === '::1' ? '127.0.0.1' : '::1', port))
    beside.on('error', (error) => options.onError('http server', error));
  const url = urlOf(options.host, port);
  return {
    url,
    mounts,
    guestMounts,
    pairingUrl: () => (mounts.hasPage ? `${url}/pair#code=${access.mintCode().code}` : null),
    open: (built) => {
      house = built;
      access.attach(built.sessions);
    },
    revoke: () => access.revoke(),
    shut: () => {
      isStopping = true;
      house = undefined;
    },
    close: async () => {
      closing.abort();
      await Promise.all([guestMounts.close(), closeServer(server), closeServer(beside)]);
    },
  };
}

export interface Parts {
  readonly options: ServerOptions;
  readonly access: Access;
  readonly mounts: Mounts;
  readonly port: () => number;
  readonly house: () => House;
  readonly signal: AbortSignal;
}

/** Every route behind the one guard. */
export function application(parts: Parts): Hono {
  const { options, access, mounts, port, house, signal } = parts;
  const { clock, onError } = options;
  const app = new Hono();
  const doors = { access, port };
  const reports = new CspReports(clock);
  app.onError((error, context) => answerProblem(context, error, (inner) => onError('http', inner)));
  app.notFound((context) =>
    answerProblem(context, fault('KORA_NOT_FOUND', `there is no ${context.req.path}`), () => undefined),
  );
  app.use(
    guard({
      access,
      port,
      worker: (token) => house().workers.caller(token),
      mcp: (token) => house().mcp.check(token),
      awaitHouse: () => void house(),
    }),
  );
  app.get('/healthz', (context) => context.json({ alive: true }));
  app.get('/readyz', (context) => ready(options.boot(), context.json.bind(context)));
  app.post(cspPath, (context) => reports.take(context));
  app.route('/api', pairRoute(doors));
  const readers = new Readers();
  const streams = {
    readers,
    boot: options.boot,
    house,
    clock,
    signal,
    onError,
    admit: (context: Context) => access.sessions.stream(callerOf(context)),
  };
  app.get('/api/events/stream', eventStream(streams));
  app.get('/api/reason/live', runStream(streams));
  app.get('/api/logs/stream', logStream(streams));
  const operations: Operation[] = [...standingOperations];
  const routes = { house, clock, signal, onError, operations };
  app.route('/api', chainStreams(routes));
  app.route('/api', artifactContent(routes));
  app.route('/api', readRoutes(routes, { ...doors, reports, readers }));
  app.route('/api', writeRoutes(routes, doors));
  let document: object | undefined;
  app.get('/api/openapi.json', (context) => context.json((document ??= openApi(operations))));
  app.all('/api/*', (context) => context.notFound());
  app.on(['GET', 'POST'], '*', (context) => mounts.serve(context, { clock, credentials: true, onError }));
  return app;
}

/** Ready is "may be asked to work": passed, or up and paused. The gates are shown either way. */
function ready(
  boot: shape.BootReport,
  json: (body: object, init: { status: number; headers: Record<string, string> }) => Response,
): Response {
  const isReady = boot.outcome === 'passed' || boot.outcome === 'paused';
  const headers: Record<string, string> = isReady ? {} : { 'retry-after': '1' };
  const { outcome, waitingFor, degradationReasons, gates } = boot;
  return json(
    { ready: isReady, outcome, waitingFor, degradationReasons, gates },
    { status: isReady ? 200 : 503, headers },
  );
}

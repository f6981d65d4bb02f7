import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { controlAnswer } from '../src/web/stage/control.ts';
import { keepingAnswer } from '../src/web/stage/keeping.ts';
import { mindAnswer } from '../src/web/stage/mind-answers.ts';
import { frontAnswer } from '../src/web/stage/front.ts';
import type { House } from '../src/web/stage/house.ts';
import { stageNow } from '../src/web/stage/rows.ts';
import { watched } from '../src/web/stage/watched.ts';
import { workAnswer } from '../src/web/stage/work.ts';

/**
 * A scripted runtime for staging what a real one does rarely: it answers with a staged house and beats until told to
 * fall silent. Good for pictures and for axe; it proves nothing about the real API.
 */
export interface StagedServer {
  readonly url: string;
  /** Violations of the page's policy that the browser reported. */
  readonly violations: readonly string[];
  /** No further heartbeat, no further answer. */
  fallSilent(): void;
  /** Answers everything with this refusal. */
  refuse(refusal: Refusal): void;
  emit(event: object): void;
  close(): Promise<void>;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const policy = [
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
  'report-uri /csp',
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

interface Stage {
  readonly house: House;
  readonly directory: string;
  readonly streams: Set<ServerResponse>;
  readonly violations: string[];
  silent: boolean;
  refusal: Refusal | null;
}

/** Serves the built page and a staged house on a free port of loopback. */
export async function serveStaged(
  house: House,
  directory: string,
  beatEveryMs = 5_000,
): Promise<StagedServer> {
  const stage: Stage = { house, directory, streams: new Set(), violations: [], silent: false, refusal: null };
  const server = createServer((request, response) => answer(stage, request, response));
  const timer = setInterval(() => beat(stage), beatEveryMs);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    violations: stage.violations,
    fallSilent: () => {
      stage.silent = true;
    },
    refuse: (refusal) => {
      stage.refusal = refusal;
    },
    emit: (event) => {
      for (const stream of stage.streams) send(stream, 'chain', event);
    },
    close: () => close(server, timer, stage),
  };
}

async function close(server: Server, timer: NodeJS.Timeout, stage: Stage): Promise<void> {
  clearInterval(timer);
  for (const stream of stage.streams) stream.end();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function beat(stage: Stage, only?: ServerResponse): void {
  if (stage.silent) return;
  const { seq, build, status } = stage.house.snapshot;
  const data = {
    serverNow: new Date(stageNow).toISOString(),
    seq,
    build,
    primaryState: status.primaryState,
    streams: stage.streams.size,
    eventLagMs: 12,
    storeMs: 1.4,
  };
  for (const stream of only === undefined ? stage.streams : [only]) send(stream, 'heartbeat', data);
}

function send(stream: ServerResponse, event: string, data: object): void {
  const id = 'seq' in data ? `id: ${String(data.seq)}\n` : '';
  stream.write(`event: ${event}\n${event === 'chain' ? id : ''}data: ${JSON.stringify(data)}\n\n`);
}

function answer(stage: Stage, request: IncomingMessage, response: ServerResponse): void {
  const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://stage');
  if (path === '/csp') {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => stage.violations.push(brief(body)));
    response.writeHead(204).end();
  } else if (!path.startsWith('/api/')) {
    page(stage.directory, path, response);
  } else if (stage.silent) {
    request.socket.destroy();
  } else if (stage.refusal !== null) {
    const { status, code, message } = stage.refusal;
    json(response, status, { error: { type: 'refused', code, message } });
  } else if (path === '/api/logs/stream') {
    // Nothing is written in a staged house; its end is followed all the same.
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('event: heartbeat\ndata: {}\n\n');
  } else if (path === '/api/events/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    stage.streams.add(response);
    request.on('close', () => stage.streams.delete(response));
    beat(stage, response);
  } else {
    const data =
      frontAnswer(stage.house, path) ??
      workAnswer(stage.house, path, searchParams) ??
      dataOf(stage.house, path) ??
      controlAnswer(path.split('/')[2] ?? '', searchParams) ??
      mindAnswer(path, searchParams) ??
      keepingAnswer(path);
    if (data === undefined)
      json(response, 404, {
        error: { type: 'not_found', code: 'KORA_NOT_FOUND', message: `There is no ${path}.` },
      });
    else json(response, 200, { status: 'live', asOf: new Date(stageNow).toISOString(), data });
  }
}

/** The directive and the line: the rest of a report repeats the policy. */
function brief(body: string): string {
  const report = (JSON.parse(body) as { 'csp-report'?: Record<string, unknown> })['csp-report'] ?? {};
  return ['violated-directive', 'blocked-uri', 'script-sample', 'source-file', 'column-number']
    .map((key) => String(report[key]))
    .join(' ');
}

function dataOf({ snapshot, state, caller }: House, path: string): unknown {
  const [, , noun, id] = path.split('/');
  const incident = snapshot.incidents.find((row) => String(row.incidentId) === id);
  const answers: Readonly<Record<string, unknown>> = {
    snapshot,
    status: snapshot.status,
    'operational-state': state,
    caller,
    daemons: snapshot.daemons,
    tasks: snapshot.tasks,
    'sea-tickets': snapshot.tickets,
    probes: snapshot.probes,
    incidents: id === undefined ? snapshot.incidents : incident,
    messages: snapshot.messages,
    approvals: snapshot.approvals,
    plugins: snapshot.plugins,
    'chain-events': snapshot.events,
  };
  return watched[path.slice('/api/'.length)] ?? answers[noun ?? ''];
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function page(root: string, path: string, response: ServerResponse): void {
  const asked = join(root, normalize(path));
  const file =
    asked.startsWith(root) && extname(asked) !== '' && existsSync(asked) ? asked : join(root, 'index.html');
  const headers = {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy,
  };
  if (existsSync(`${file}.br`)) {
    response.writeHead(200, { ...headers, 'content-encoding': 'br' });
    createReadStream(`${file}.br`).pipe(response);
  } else {
    response.writeHead(200, headers).end(readFileSync(file));
  }
}

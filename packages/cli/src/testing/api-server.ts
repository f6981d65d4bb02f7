import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventRow } from '@kora/runtime/client';

export const token = 'a-token-for-tests';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

/** Answers one route; what it returns is the `data` of a read, or the whole body of a mutation. */
export type Route = (asked: Asked) => unknown;

/** A refusal in the API's own form. */
export interface Refusal {
  readonly refuse: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: object;
}

/** An answer of JSON lines; `cut` ends the connection in the middle of it. */
export interface Lines {
  readonly lines: readonly object[];
  readonly cut?: boolean;
}

/** Server-sent events: `begin` says them whenever it likes, until the reader leaves. */
export interface Signs {
  readonly begin: (push: (event: string, data: object) => void) => void;
}

export interface ApiServer {
  readonly url: string;
  /** Every request, in order. */
  readonly asked: readonly Asked[];
  /** Sends an event to everyone who listens to the stream. */
  tell(event: EventRow): void;
  beat(): void;
  /** Says that the chain ends before what the reader has seen. */
  resync(seq: number): void;
  /** Cuts every stream, as a runtime that dies does. */
  cut(): void;
  /** Resolves when the stream has been opened that many times. */
  opened(times: number): Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server on the loopback that speaks the shapes of the API: the runtime as the CLI sees it. */
export async function startApiServer(routes: Readonly<Record<string, Route>>): Promise<ApiServer> {
  const asked: Asked[] = [];
  const streams = new Set<ServerResponse>();
  let count = 0;
  const waiting: { readonly times: number; readonly done: () => void }[] = [];
  const openStream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': welcome\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
    count += 1;
    for (const each of waiting) if (count >= each.times) each.done();
  };
  const server = createServer((request, response) => {
    void readAsked(request).then((one) => {
      asked.push(one);
      if (one.headers.authorization !== `Bearer ${token}`)
        return answer(response, refusal(401, 'KORA_AUTH_MISSING'));
      if (one.path === '/api/events/stream') return openStream(response);
      const route = routes[`${one.method} ${one.path}`];
      if (route === undefined) return answer(response, refusal(404, 'KORA_NOT_FOUND'), one.method);
      void routed(route, one).then((data) => answer(response, data, one.method));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = (text: string): void => streams.forEach((stream) => stream.write(text));
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    tell: (event) => send(`id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`),
    beat: () =>
      send(
        `event: heartbeat\ndata: {"serverNow":"2026-11-21T12:00:00Z","seq":1,"build":"b","primaryState":"ready"}\n\n`,
      ),
    resync: (seq) => send(`event: resync\ndata: {"seq":${seq}}\n\n`),
    cut: () => streams.forEach((stream) => stream.destroy()),
    opened: async (times) => {
      if (count < times) await new Promise<void>((done) => waiting.push({ times, done }));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A route that refuses what it was sent (a schema's no) answers so, as the runtime would. */
async function routed(route: Route, one: Asked): Promise<unknown> {
  try {
    return await route(one);
  } catch (error) {
    return { ...refusal(400, 'KORA_REQUEST_INVALID'), message: String(error) };
  }
}

function refusal(refuse: number, code: string): Refusal {
  return { refuse, code, message: `refused with ${code}` };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  let text = '';
  for await (const piece of request) text += String(piece);
  return {
    method: request.method ?? '',
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    headers: request.headers,
  };
}

function answer(response: ServerResponse, data: unknown, method = 'GET'): void {
  if (isRefusal(data)) {
    const { refuse, ...error } = data;
    response.writeHead(refuse, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: 'refused', ...error } }));
    return;
  }
  if (isSigns(data)) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: heartbeat\ndata: {}\n\n');
    data.begin((event, said) => response.write(`event: ${event}\ndata: ${JSON.stringify(said)}\n\n`));
    return;
  }
  if (isLines(data)) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const text = data.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (data.cut === true) response.write(text, () => response.destroy());
    else response.end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  const body = method === 'GET' ? { status: 'live', asOf: '2026-11-21T12:00:00Z', data } : data;
  response.end(JSON.stringify(body));
}

function isRefusal(data: unknown): data is Refusal {
  return typeof data === 'object' && data !== null && 'refuse' in data;
}

function isSigns(data: unknown): data is Signs {
  return typeof data === 'object' && data !== null && 'begin' in data && typeof data.begin === 'function';
}

function isLines(data: unknown): data is Lines {
  if (typeof data !== 'object' || data === null || !('lines' in data)) return false;
  // Answers of other shapes have lines of their own.
  return Object.keys(data).every((key) => key === 'lines' || key === 'cut');
}

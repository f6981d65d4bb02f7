import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import * as shape from '../contract.ts';
import { startServer } from '../index.ts';
import type { HttpServer } from '../index.ts';
import type { BootReport } from '../shapes.ts';
import { sample, scriptedHouse } from './house.ts';
import type { ScriptedHouse } from './house.ts';

export const token = 'the-token-of-this-home';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A server on a real socket with a scripted house behind it. */
export interface ServerBench {
  readonly server: HttpServer;
  readonly house: ScriptedHouse;
  readonly clock: FakeClock;
  readonly port: number;
  readonly errors: unknown[];
  boot: BootReport;
  /** Sends these lines as they are, so that nothing mends them on the way. */
  raw(head: readonly string[], body?: string): Promise<Answer>;
  /** A well-formed request with the token, changed as the test says; null takes a header away. */
  ask(
    method: string,
    path: string,
    changes?: Readonly<Record<string, string | null>>,
    body?: string,
  ): Promise<Answer>;
}

export async function serverBench(options: { readonly closed?: boolean } = {}): Promise<ServerBench> {
  const clock = new FakeClock();
  const house = scriptedHouse();
  const errors: unknown[] = [];
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    token,
    clock,
    boot: () => bench.boot,
    onError: (_, error) => errors.push(error),
  });
  onTestFinished(() => server.close());
  if (options.closed !== true) server.open(house);
  const port = Number(new URL(server.url).port);
  const raw: ServerBench['raw'] = async (head, body = '') =>
    parse(await exchange(port, `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`));
  const bench: ServerBench = {
    server,
    house,
    clock,
    port,
    errors,
    boot: { ...sample(shape.bootReportSchema), outcome: 'running' },
    raw,
    ask: (method, path, changes = {}, body = method === 'POST' ? '{}' : '') => {
      const headers: Record<string, string | null> = {
        Host: `127.0.0.1:${port}`,
        Authorization: `Bearer ${token}`,
        ...(method === 'POST'
          ? { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }
          : {}),
        ...changes,
      };
      const lines = Object.entries(headers).flatMap(([name, value]) =>
        value === null ? [] : [`${name}: ${value}`],
      );
      return raw([`${method} ${path} HTTP/1.1`, ...lines], body);
    },
  };
  return bench;
}

function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(request);
  });
}

function parse(answer: string): Answer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { HttpProbe } from '../config.ts';
import { dial, secure } from './connect.ts';
import type { CertificateFacts, Endpoint } from './connect.ts';
import { gradeCertificate, gradeHttp, httpFault } from './http-grade.ts';
import type { HttpAnswer } from './http-grade.ts';
import { look, millisecondsSince } from './look.ts';
import type { Look, LookClock } from './look.ts';
import { faultOf, timeoutFault } from './network-fault.ts';

export const bodyLimitBytes = 65_536;

/** Asks once with GET and says how the answer was. Each look has a connection of its own and leaves none behind. */
export async function lookAtHttp(
  probe: HttpProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) => ask(probe, current));
  if (looked.kind === 'timeout') return httpFault(probe, timeoutFault(probe.timeoutMs, looked.waitingFor));
  if (looked.kind === 'failed') return httpFault(probe, faultOf(looked.error));
  const { answer } = looked;
  if ('unreadableCa' in answer) return unreadableCa(probe, answer.unreadableCa);
  return 'distrusted' in answer
    ? gradeCertificate(probe, answer.distrusted)
    : gradeHttp(probe, answer, clock.now());
}

type Asked = HttpAnswer | { readonly distrusted: CertificateFacts } | { readonly unreadableCa: string };

async function ask(probe: HttpProbe, current: Look): Promise<Asked> {
  const url = new URL(probe.url);
  const tls = url.protocol === 'https:';
  const ca = tls && probe.caFile !== undefined ? await readCa(probe.caFile) : undefined;
  if (typeof ca === 'object') return ca;
  const endpoint = endpointOf(url);
  const from = performance.now();
  const socket = await dial(endpoint, current);
  try {
    if (!tls) return await exchange(probe, socket, current, { from, certificate: null });
    const line = await secure(socket, endpoint, ca, current);
    // Nothing is sent to a stranger: the headers may hold a token.
    if (!line.certificate.trusted) return { distrusted: line.certificate };
    return await exchange(probe, line.socket, current, { from, certificate: line.certificate });
  } finally {
    socket.destroy();
  }
}

async function exchange(
  probe: HttpProbe,
  line: Socket,
  current: Look,
  known: { readonly from: number; readonly certificate: CertificateFacts | null },
): Promise<HttpAnswer> {
  current.waitingFor = 'the response';
  const url = new URL(probe.url);
  const asked = request({
    createConnection: () => line,
    path: `${url.pathname}${url.search}`,
    headers: {
      // Node would add the port of plain HTTP, since it did not open the line itself.
      host: url.host,
      'user-agent': 'kora-probe',
      accept: '*/*',
      ...basicAuth(url),
      ...probe.headers,
    },
  });
  asked.on('error', () => {});
  asked.end();
  const [response] = (await once(asked, 'response', { signal: current.signal })) as [IncomingMessage];
  const latencyMs = millisecondsSince(known.from);
  try {
    const body =
      probe.bodyIncludes === undefined ? null : await readBody(response, probe.bodyIncludes, current);
    return { statusCode: response.statusCode ?? 0, latencyMs, body, certificate: known.certificate };
  } finally {
    response.destroy();
  }
}

/** Reads until the text is there, the body ends or the limit is reached: a look never holds more than 64 KiB. */
async function readBody(response: IncomingMessage, text: string, current: Look): Promise<HttpAnswer['body']> {
  current.waitingFor = 'the rest of the body';
  response.on('error', () => {});
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(current.signal, response) as AsyncIterable<Buffer>) {
    const kept = chunk.subarray(0, bodyLimitBytes - bytes);
    chunks.push(kept);
    bytes += kept.length;
    if (Buffer.concat(chunks).includes(text)) return { found: true, bytes, cut: false };
    if (bytes >= bodyLimitBytes) return { found: false, bytes, cut: true };
  }
  return { found: false, bytes, cut: false };
}

function basicAuth(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function endpointOf(url: URL): Endpoint {
  const standard = url.protocol === 'https:' ? 443 : 80;
  // URL writes IPv6 addresses in brackets; sockets want them bare.
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? standard : Number(url.port) };
}

async function readCa(path: string): Promise<string | { readonly unreadableCa: string }> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { unreadableCa: code };
  }
}

function unreadableCa(probe: HttpProbe, code: string): ProbeSnapshot {
  return httpFault(probe, {
    failure: 'other',
    words: `caFile ${probe.caFile ?? ''} cannot be read (${code})`,
    status: 'unhealthy',
    category: 'drift',
  });
}

import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { HttpProbe } from '../config.ts';
import { readCa } from './ca-file.ts';
import { dial, secure } from './connect.ts';
import type { CertificateFacts, Endpoint } from './connect.ts';
import { judgeBody, wantsBody } from './http-body.ts';
import { gradeCertificate, gradeHttp, httpFault } from './http-grade.ts';
import type { HttpAnswer } from './http-grade.ts';
import { look, millisecondsSince } from './look.ts';
import type { Look, LookClock, Looked } from './look.ts';
import { faultOf, timeoutFault } from './network-fault.ts';
import { resolved } from './reference.ts';
import type { Resolved } from './reference.ts';
import { told } from './told.ts';

export const bodyLimitBytes = 65_536;

/** Asks once and says how the answer was. Each look has a connection of its own and leaves none behind. */
export async function lookAtHttp(
  probe: HttpProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const identity = await resolved(probe);
  if ('unreadable' in identity) return wrongSetting(probe, identity.unreadable);
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) =>
    ask(probe, identity, current),
  );
  return told(judge(probe, looked, clock.now()), identity.secrets);
}

function judge(probe: HttpProbe, looked: Looked<Asked>, now: number): ProbeSnapshot {
  if (looked.kind === 'timeout') return httpFault(probe, timeoutFault(probe.timeoutMs, looked.waitingFor));
  if (looked.kind === 'failed') return httpFault(probe, faultOf(looked.error));
  const { answer } = looked;
  if ('unreadableCa' in answer)
    return wrongSetting(probe, `caFile ${probe.caFile ?? ''} cannot be read (${answer.unreadableCa})`);
  return 'distrusted' in answer ? gradeCertificate(probe, answer.distrusted) : gradeHttp(probe, answer, now);
}

type Asked = HttpAnswer | { readonly distrusted: CertificateFacts } | { readonly unreadableCa: string };

async function ask(probe: HttpProbe, identity: Resolved, current: Look): Promise<Asked> {
  const url = new URL(probe.url);
  const tls = url.protocol === 'https:';
  const ca = tls && probe.caFile !== undefined ? await readCa(probe.caFile) : undefined;
  if (typeof ca === 'object') return ca;
  const endpoint = endpointOf(url);
  const from = performance.now();
  const socket = await dial(endpoint, current);
  try {
    if (!tls) return await exchange(probe, socket, current, { from, identity, certificate: null });
    const line = await secure(socket, { ...endpoint, ca, alpn: ['http/1.1'] }, current);
    // Nothing is sent to a stranger: the headers may hold a token.
    if (!line.certificate.trusted) return { distrusted: line.certificate };
    return await exchange(probe, line.socket, current, { from, identity, certificate: line.certificate });
  } finally {
    socket.destroy();
  }
}

async function exchange(
  probe: HttpProbe,
  line: Socket,
  current: Look,
  known: {
    readonly from: number;
    readonly identity: Resolved;
    readonly certificate: CertificateFacts | null;
  },
): Promise<HttpAnswer> {
  current.waitingFor = 'the response';
  const url = new URL(probe.url);
  const asked = request({
    createConnection: () => line,
    method: probe.method,
    path: `${url.pathname}${url.search}`,
    headers: {
      // Node would add the port of plain HTTP, since it did not open the line itself.
      host: url.host,
      'user-agent': 'kora-probe',
      accept: '*/*',
      ...basicAuth(url, known.identity.password),
      ...known.identity.headers,
    },
  });
  asked.on('error', () => {});
  asked.end(probe.body);
  const [response] = (await once(asked, 'response', { signal: current.signal })) as [IncomingMessage];
  const latencyMs = millisecondsSince(known.from);
  try {
    const body = wantsBody(probe) ? await readBody(response, probe, current) : null;
    return { statusCode: response.statusCode ?? 0, latencyMs, body, certificate: known.certificate };
  } finally {
    response.destroy();
  }
}

/** Reads until the body ends or the limit is reached: a look never holds more than 64 KiB. */
async function readBody(
  response: IncomingMessage,
  probe: HttpProbe,
  current: Look,
): Promise<HttpAnswer['body']> {
  current.waitingFor = 'the rest of the body';
  response.on('error', () => {});
  const chunks: Buffer[] = [];
  // Where a text is all that is wanted, an endless body is good as soon as it was seen.
  const textAlone = probe.bodyMatches === undefined && probe.bodyJson === undefined;
  let bytes = 0;
  for await (const chunk of addAbortSignal(current.signal, response) as AsyncIterable<Buffer>) {
    const kept = chunk.subarray(0, bodyLimitBytes - bytes);
    chunks.push(kept);
    bytes += kept.length;
    const whole = Buffer.concat(chunks);
    const cut = bytes >= bodyLimitBytes;
    if (cut || (textAlone && whole.includes(probe.bodyIncludes ?? ''))) return judgeBody(probe, whole, cut);
  }
  return judgeBody(probe, Buffer.concat(chunks), false);
}

function basicAuth({ username }: URL, password: string | undefined): Record<string, string> {
  if (username === '' && password === undefined) return {};
  const pair = `${decodeURIComponent(username)}:${password ?? ''}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function endpointOf(url: URL): Endpoint {
  const standard = url.protocol === 'https:' ? 443 : 80;
  // URL writes IPv6 addresses in brackets; sockets want them bare.
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? standard : Number(url.port) };
}

/** A file or a variable that the configuration names and nobody can read. */
function wrongSetting(probe: HttpProbe, words: string): ProbeSnapshot {
  return httpFault(probe, { failure: 'other', words, status: 'unhealthy', category: 'drift' });
}

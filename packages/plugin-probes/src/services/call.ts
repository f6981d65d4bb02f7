import { certificateCodes, distrustWords } from '../probes/certificate.ts';
import { millisecondsSince } from '../probes/look.ts';
import type { Look } from '../probes/look.ts';
import { certificateFault, faultOf } from '../probes/network-fault.ts';
import type { NetworkFault } from '../probes/network-fault.ts';

/** What of an answer is read; the largest page of any of these services is far below. */
const longestAnswerBytes = 8_388_608;

/** An answer of a service. */
export interface Answered {
  readonly status: number;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
  /** The `Link` header, which some page by. */
  readonly link: string | null;
  readonly latencyMs: number;
}

/** Asks with GET. The address is composed here and never taken from an answer, so that a token goes to no other host. */
export type Call = (path: string, query?: Readonly<Record<string, string>>) => Promise<Answered>;

interface CallOptions {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A way to ask one service under one look. Rejects with what the connection says. */
export function caller({ baseUrl, headers }: CallOptions, current: Look): Call {
  return async (path, query = {}) => {
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    current.waitingFor = `the answer to GET ${url.pathname}`;
    const from = performance.now();
    const response = await fetch(url, {
      signal: current.signal,
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': 'kora-probe', ...headers },
    });
    const latencyMs = millisecondsSince(from);
    const body = parsed(await textOf(response));
    return { status: response.status, body, link: response.headers.get('link'), latencyMs };
  };
}

/** What a rejected call means; `fetch` wraps what the connection said. */
export function callFault(error: unknown): NetworkFault {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (certificateCodes.has(code)) {
    const facts = { trusted: false, objection: code, validTo: null, subject: null, issuer: null };
    return certificateFault(distrustWords(facts));
  }
  return faultOf(cause);
}

async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Cut, it is no JSON any more: the look says so instead of judging a part.
    if (bytes > longestAnswerBytes) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

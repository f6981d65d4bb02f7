import type { ProbeCategory, ProbeStatus } from '@kora/runtime/plugin';

/** Why a conversation over the network broke off. Rules branch on it; people read `words`. */
export const networkFailures = [
  'dns',
  'refused',
  'timeout',
  'no_route',
  'closed',
  'certificate',
  'tls',
  'protocol',
  'other',
] as const;
export type NetworkFailure = (typeof networkFailures)[number];

export interface NetworkFault {
  readonly failure: NetworkFailure;
  /** The end of the sentence `GET http://… : `. */
  readonly words: string;
  readonly status: ProbeStatus;
  readonly category: ProbeCategory;
}

const byCode: Readonly<Record<string, readonly [NetworkFailure, string]>> = {
  ECONNREFUSED: ['refused', 'connection refused'],
  ENOTFOUND: ['dns', 'DNS lookup failed (ENOTFOUND)'],
  EAI_AGAIN: ['dns', 'DNS lookup failed (EAI_AGAIN)'],
  EAI_FAIL: ['dns', 'DNS lookup failed (EAI_FAIL)'],
  EAI_NODATA: ['dns', 'DNS lookup failed (EAI_NODATA)'],
  ETIMEDOUT: ['timeout', 'timed out while connecting (ETIMEDOUT)'],
  EHOSTUNREACH: ['no_route', 'no route to the host (EHOSTUNREACH)'],
  ENETUNREACH: ['no_route', 'no route to the network (ENETUNREACH)'],
  EHOSTDOWN: ['no_route', 'the host is down (EHOSTDOWN)'],
  ECONNRESET: ['closed', 'connection closed before the answer was complete'],
  EPIPE: ['closed', 'connection closed before the answer was complete'],
  // What `fetch` calls them.
  UND_ERR_SOCKET: ['closed', 'connection closed before the answer was complete'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'timed out while connecting (UND_ERR_CONNECT_TIMEOUT)'],
  EPROTO: ['tls', 'TLS handshake failed (EPROTO)'],
};

/**
 * Says what a socket's error means. Only codes are passed on, never the error's own message: it can quote what was
 * sent.
 */
export function faultOf(error: unknown): NetworkFault {
  const code = codeOf(error);
  const known = byCode[code];
  if (known !== undefined) return graded(...known);
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return graded('tls', `TLS handshake failed (${code})`);
  }
  if (code.startsWith('HPE_')) return graded('protocol', `the answer is not HTTP (${code})`);
  return graded('other', `failed (${code})`);
}

/** Nothing answered in time; `waitingFor` says how far the look had come. */
export function timeoutFault(timeoutMs: number, waitingFor: string): NetworkFault {
  return graded('timeout', `timed out after ${timeoutMs} ms waiting for ${waitingFor}`);
}

/** The other side answers, but its certificate is not one to trust. */
export function certificateFault(words: string): NetworkFault {
  return graded('certificate', words);
}

function graded(failure: NetworkFailure, words: string): NetworkFault {
  if (failure === 'certificate') return { failure, words, status: 'unhealthy', category: 'certificate' };
  // The host was reached and something answered, so these are faults of the service and not of the way to it.
  if (failure === 'tls' || failure === 'protocol') {
    return { failure, words, status: 'unhealthy', category: 'service_unhealthy' };
  }
  return { failure, words, status: 'unreachable', category: 'unreachable' };
}

function codeOf(error: unknown): string {
  // A name with several addresses fails as an AggregateError, which carries the first one's code.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}

import type { Logger, LogLevel, WebClient, WebClientOptions } from '@slack/web-api';

/** Milliseconds that one call may take; a send makes a few of them within its thirty seconds. */
const callMs = 10_000;
/** For an answer 429 that does not say how long. */
const unsaidRetrySeconds = 30;

/** Nothing of what people write is logged by the library; what fails is thrown, and told by whoever called. */
export function silent(level: LogLevel): Logger {
  const nothing = (): void => undefined;
  return {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    setLevel: nothing,
    getLevel: () => level,
    setName: nothing,
  };
}

/** One attempt a call, that ends with the signal: whether and when there is another one is the runtime's to say. */
export function callOptions(
  slackApiUrl: string | undefined,
  signal: AbortSignal,
): Omit<WebClientOptions, 'logger' | 'logLevel'> {
  return {
    ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callMs,
    fetch: (url, init) => asked(url, init, signal),
  };
}

/** A client for one deed. The token is not kept: it may be another one the next time. */
export async function openClient(
  token: string,
  slackApiUrl: string | undefined,
  signal: AbortSignal,
): Promise<WebClient> {
  // Loaded with the first call: a home without Slack pays nothing for it.
  const { WebClient: Client, LogLevel: level } = await import('@slack/web-api');
  return new Client(token, { ...callOptions(slackApiUrl, signal), logger: silent(level.ERROR) });
}

async function asked(
  url: string | URL | Request,
  init: RequestInit | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const within = init?.signal ? AbortSignal.any([signal, init.signal]) : signal;
  const answer = await fetch(url, { ...init, signal: within });
  if (answer.status !== 429 || Number.parseInt(answer.headers.get('retry-after') ?? '', 10) >= 0)
    return answer;
  // The library takes a 429 without a time for something else.
  return new Response(answer.body, { status: 429, headers: { 'retry-after': String(unsaidRetrySeconds) } });
}

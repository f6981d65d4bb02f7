import { messageOf } from '@kora/runtime/plugin';
import { refusal } from './fault.ts';

type Fetch = typeof globalThis.fetch;

export interface Listener {
  readonly url: string;
  readonly home: string;
  /** The command that would start it. */
  readonly start: string;
}

/** `fetch` whose failures say what an operator needs: who did not answer, and what to type. */
export function speaking(fetch: Fetch, { url, home, start }: Listener): Fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      // An abort of our own making is no failure of the other side.
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      if (error instanceof DOMException && error.name === 'TimeoutError') {
        throw refusal(
          'KORA_TIMEOUT',
          `the runtime of ${home} at ${url} did not answer in time`,
          'kora doctor',
        );
      }
      throw refusal(
        'KORA_UNREACHABLE',
        `the runtime of ${home} does not answer at ${url}: ${causeOf(error)}`,
        start,
      );
    }
  };
}

function causeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  // `fetch` hides the socket's own words one level down, and an empty message behind several addresses tried.
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  const words = messageOf(cause);
  return words === '' && typeof code === 'string' ? code : words;
}

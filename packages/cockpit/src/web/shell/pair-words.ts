import type { PairRefusal } from '../api/session.ts';
import { span } from '../kit/format.ts';

/** What happened to a code, each in its own words: what to do next differs. */
export function refusedWords({ fault, reason, retryAfterMs }: PairRefusal): {
  readonly title: string;
  readonly text: string;
} {
  if (fault.status === 0)
    return { title: 'No answer', text: 'The code was not tried, because nothing answered here.' };
  switch (reason) {
    case 'expired':
      return {
        title: 'Code expired',
        text: 'The code was right, and is too old. Make a new one.',
      };
    case 'used':
      return {
        title: 'Code already used',
        text: 'The code has opened a page before, and works once. If that was not you, revoke its session.',
      };
    case 'restarted':
      return {
        title: 'Runtime restarted',
        text: 'The code is from before the runtime was started again. Make a new one.',
      };
    case 'wrong':
      return {
        title: 'Wrong code',
        text: 'There is no such code. A wrong try ends the codes that were open: make a new one.',
      };
    case 'too_many': {
      const wait = retryAfterMs === null ? 'a while' : span(Math.max(1_000, retryAfterMs));
      return {
        title: 'Too many tries',
        text: `The code was not looked at. The next one will be in ${wait}.`,
      };
    }
    default:
      return { title: 'Not signed in', text: 'The pairing code was refused. A new one is one command away.' };
  }
}

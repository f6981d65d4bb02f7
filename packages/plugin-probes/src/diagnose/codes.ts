import { KoraError } from '@kora/runtime/plugin';
import type { ReasonAnswer } from '@kora/runtime/plugin';

/** What of an answer decides whether there is one. */
type Answered = Pick<ReasonAnswer, 'status' | 'text' | 'error' | 'why'>;

/**
 * Why there is no diagnosis, in the code that the operator is told; null where there is one. Each cause has a code of its
 * own: an engine that is not there is told apart from one that was refused money.
 */
export function codeOfAnswer({ status, text, error, why }: Answered): string | null {
  const isBlank = text.trim() === '';
  if (status === 'answered') return isBlank ? 'empty_response_text' : null;
  // Words that came to their end and cite nothing in the form that was asked for: told, and unproven.
  if (status === 'incomplete' && error === 'projection_failed' && !isBlank) return null;
  // An engine that ends with no words at all is read by the runtime as one that cannot be read.
  if (error === 'projection_failed' && isBlank) return 'empty_response_text';
  const threw = /^engine .* threw ([A-Za-z0-9_$]{1,80})$/.exec(why ?? '')?.[1];
  if (error === 'engine_unavailable' && threw !== undefined) return `engine_exception:${threw}`;
  return error ?? 'engine_unavailable';
}

/**
 * The code of a question that ended in a throw. Null for what is no answer about the engine: the store is away or the
 * ticket is somebody else's, and then the attempt is over and not the investigation.
 */
export function codeOfThrow(error: unknown): string | null {
  if (!(error instanceof Error)) return `engine_exception:${typeof error}`;
  // By its code alone: an error that crossed a process is no instance of ours.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'KORA_OPERATION_UNKNOWN') return 'engine_exception:OutcomeUnknown';
  if (code.startsWith('KORA_STORE_') || code.startsWith('KORA_TICKET_')) return null;
  return `engine_exception:${error instanceof KoraError ? code : error.name}`;
}

/** The sentence that stands where the diagnosis would. */
export function unableWords(code: string): string {
  return `I was unable to investigate — engine returned: ${code}`;
}

import { KoraError, messageOf } from '@kora/runtime/plugin';

/** A refusal as a program reads it: a stable code, a sentence, and the one thing that mends it. */
export interface RefusalShown {
  readonly code: string;
  readonly message: string;
  /** Why the door is closed: `capability_denied`, `approval_pending`, `stop_l3`, … */
  readonly cause: string | null;
  /** What the operator, or the program, does about it. */
  readonly fix: string | null;
  /** To be given as `approval_id` with the same call, once the operator has approved it. */
  readonly approval_id: number | null;
}

/** What the runtime says on purpose is said; what broke inside is for its log. */
export function refusalShown(error: unknown): RefusalShown {
  if (!isCoded(error)) {
    return {
      code: 'KORA_INTERNAL',
      message: 'the call failed inside',
      cause: null,
      fix: null,
      approval_id: null,
    };
  }
  const { cause, approvalId } = error.details;
  return {
    code: error.code,
    message: messageOf(error),
    cause: typeof cause === 'string' ? cause : null,
    fix: error.fix ?? null,
    approval_id: typeof approvalId === 'number' ? approvalId : null,
  };
}

function isCoded(error: unknown): error is KoraError {
  return error instanceof KoraError && error.code !== 'KORA_INTERNAL';
}

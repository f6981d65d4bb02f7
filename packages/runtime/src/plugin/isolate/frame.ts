import { KoraError } from '../../fault/index.ts';

/** An error as it crosses: structured clone and JSON both lose a code. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  readonly fix?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * One line between host and guest, the same in both directions: a call and its end, a word that wants no answer, and
 * the abort of a call that is still under way.
 */
export type Frame =
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly params?: unknown }
  | { readonly t: 'tell'; readonly method: string; readonly params?: unknown }
  | { readonly t: 'abort'; readonly id: number }
  | { readonly t: 'done'; readonly id: number; readonly value?: unknown }
  | { readonly t: 'fail'; readonly id: number; readonly error: WireError };

/** The code of an error that carried none. */
const uncoded = 'PLUGIN_ERROR';

export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { code: uncoded, message: String(error) };
  const code = (error as { readonly code?: unknown }).code;
  const { fix, details } = error instanceof KoraError ? error : { fix: undefined, details: undefined };
  return {
    code: typeof code === 'string' ? code : uncoded,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(fix === undefined ? {} : { fix }),
    ...(details === undefined ? {} : { details }),
  };
}

/** The same error on this side: its code, fix and details, and the stack of where it was thrown. */
export function fromWire(wire: WireError): KoraError {
  const error = new KoraError(wire.code, wire.message, {
    ...(wire.fix === undefined ? {} : { fix: wire.fix }),
    ...(wire.details === undefined ? {} : { details: wire.details }),
  });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

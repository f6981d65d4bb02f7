/**
 * What went wrong, as data: a stable code, a sentence that names the file or key, and the one step that mends it.
 * Every error thrown on purpose is one of these; `fault/table.ts` holds each code's exit code and HTTP status.
 */
export interface FaultOptions {
  /** The one command or edit that mends it, as a user would type it. */
  readonly fix?: string;
  /** Machine-readable particulars (paths, keys, names); never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class KoraError extends Error {
  override readonly name: string = 'KoraError';
  /** Stable: programs may branch on it. The runtime's begin with `KORA_`, a plugin's own with `PLUGIN_`. */
  readonly code: string;
  readonly fix: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.details = options.details ?? {};
  }
}

/** The message of anything that can be thrown, for logs and events. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something without words was thrown'; // an object with no text of its own, or one whose text throws
  }
}

/** Every way in which PGlite can refuse. Codes are never reused; README lists each. */
export type PgliteCode =
  | 'KORA_PGLITE_LOCKED'
  | 'KORA_PGLITE_PERMISSION'
  | 'KORA_PGLITE_FILES'
  | 'KORA_PGLITE_DISK_FULL'
  | 'KORA_PGLITE_DATA_DAMAGED'
  | 'KORA_PGLITE_MAJOR_VERSION'
  | 'KORA_PGLITE_START'
  | 'KORA_PGLITE_ENDED'
  | 'KORA_PGLITE_CLIENT'
  | 'KORA_PGLITE_UPKEEP';

/** What went wrong with PGlite, and the one step that mends it. */
export class PgliteError extends Error {
  override readonly name = 'PgliteError';
  readonly code: PgliteCode;
  /** The one command or step that mends it. */
  readonly fix: string;

  constructor(code: PgliteCode, message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.fix = fix;
  }
}

/** A file system refusal, told with the path that refused; anything of ours passes through unchanged. */
export function fromFileSystem(error: unknown, doing: string, path: string): PgliteError {
  if (error instanceof PgliteError) return error;
  const message = `${doing} failed: ${messageOf(error)}`;
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const fix = `free space on the disk that holds ${path}`;
      return new PgliteError('KORA_PGLITE_DISK_FULL', message, fix, { cause: error });
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const fix = `make ${path} writable for the user that runs Kora`;
      return new PgliteError('KORA_PGLITE_PERMISSION', message, fix, { cause: error });
    }
    default:
      return new PgliteError('KORA_PGLITE_FILES', message, `look at ${path}`, { cause: error });
  }
}

/** `ENOENT` and its like; undefined where the error carries none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  // What emscripten throws on its way out is no Error and has a message all the same.
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}

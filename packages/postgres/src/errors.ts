/** Every way in which the embedded database can refuse. Codes are never reused; README lists each. */
export type EmbeddedPostgresCode =
  | 'KORA_PG_NOT_FOUND'
  | 'KORA_PG_BINARY'
  | 'KORA_PG_PERMISSION'
  | 'KORA_PG_FILES'
  | 'KORA_PG_DISK_FULL'
  | 'KORA_PG_PRIVILEGE'
  | 'KORA_PG_SOCKET_FOLDER'
  | 'KORA_PG_HOME_COPIED'
  | 'KORA_PG_DATA_DAMAGED'
  | 'KORA_PG_MAJOR_VERSION'
  | 'KORA_PG_INITDB'
  | 'KORA_PG_START'
  | 'KORA_PG_STOP'
  | 'KORA_PG_GUARDIAN';

/** What went wrong with the embedded database, and the one step that mends it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresCode;
  /** The one command or step that mends it. */
  readonly fix: string;

  constructor(code: EmbeddedPostgresCode, message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.fix = fix;
  }
}

/** A file system refusal, told with the path that refused; anything of ours passes through unchanged. */
export function fromFileSystem(error: unknown, doing: string, path: string): EmbeddedPostgresError {
  if (error instanceof EmbeddedPostgresError) return error;
  const message = `${doing} failed: ${error instanceof Error ? error.message : String(error)}`;
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(message, path, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const fix = `make ${path} writable for the user that runs Kora`;
      return new EmbeddedPostgresError('KORA_PG_PERMISSION', message, fix, { cause: error });
    }
    default:
      return new EmbeddedPostgresError('KORA_PG_FILES', message, `look at ${path}`, { cause: error });
  }
}

/** PostgreSQL's own words for a full disk, in what a program printed. */
export function saysDiskFull(output: string): boolean {
  return /No space left on device|Disk quota exceeded|Check free disk space/.test(output);
}

export function diskFull(message: string, path: string, options?: ErrorOptions): EmbeddedPostgresError {
  const fix = `free space on the disk that holds ${path}`;
  return new EmbeddedPostgresError('KORA_PG_DISK_FULL', message, fix, options);
}

/** `ENOENT` and its like; undefined where the error carries none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What keeps a project from being made, each with the exit code of the `kora` command for the same kind of trouble. */
const refusals = {
  CREATE_KORA_USAGE: 64,
  CREATE_KORA_NAME: 64,
  CREATE_KORA_FOLDER_HOLDS_FILES: 73,
  CREATE_KORA_FOLDER_UNWRITABLE: 73,
  CREATE_KORA_INSTALL_FAILED: 1,
  CREATE_KORA_CANCELLED: 130,
} as const;

export type RefusalCode = keyof typeof refusals;

/** A refusal with a code to branch on and, where there is one, the command that mends it. */
export class CreateRefusal extends Error {
  readonly code: RefusalCode;
  readonly fix: string | undefined;

  constructor(code: RefusalCode, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CreateRefusal';
    this.code = code;
    this.fix = options.fix;
  }

  get exit(): number {
    return refusals[this.code];
  }
}

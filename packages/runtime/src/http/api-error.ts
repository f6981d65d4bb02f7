/** What a refusal says beside its status. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Particulars, where the refusal has some: `boot` of a runtime that is still booting. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A refusal of the API, with the runtime's own code and hint. */
export class KoraApiError extends Error {
  override readonly name = 'KoraApiError';
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, { code, message, hint, details = {} }: Refused) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** A refusal of the API, with the runtime's own code and hint. */
export class KoraApiError extends Error {
  override readonly name = 'KoraApiError';
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

import { KoraError } from '@kora/runtime/plugin';
import { troubleOf } from '../trouble.ts';
import type { Server } from '../trouble.ts';

/** Tells the outbox what to do with a message that was not taken: never again over this channel, or after that time. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code = 'KORA_CHANNEL_REFUSED';
  readonly details: { readonly retryAfterMs?: number; readonly permanent?: boolean };

  constructor(message: string, details: Refusal['details'], cause?: unknown) {
    super(message, { cause });
    this.details = details;
  }
}

export function never(message: string, cause?: unknown): Refusal {
  return new Refusal(message, { permanent: true }, cause);
}

/** Servers that greylist want to be asked again after a minute or a few. */
const temporaryMs = 60_000;

/**
 * What an answer of the server means: 5xx never, 4xx after a minute, a connection that broke or was not had is left to
 * the outbox's own backoff. The server's words are kept, the password is never among them.
 */
export function refusalOf(
  error: unknown,
  { password, server }: { readonly password: string | undefined; readonly server: Server },
): Error {
  const { responseCode } = Object(error) as { readonly responseCode?: unknown };
  const told = redacted(troubleOf(error, server), password);
  if (typeof responseCode !== 'number' || responseCode < 400)
    return new KoraError('PLUGIN_EMAIL_UNREACHED', `the mail server was not reached: ${told}`);
  if (responseCode >= 500) return never(`the mail server refused it: ${told}`);
  return new Refusal(`the mail server asks to try again later: ${told}`, { retryAfterMs: temporaryMs });
}

function redacted(text: string, password: string | undefined): string {
  if (password === undefined || password === '') return text;
  const encoded = Buffer.from(password).toString('base64');
  return text.replaceAll(password, '[password]').replaceAll(encoded, '[password]');
}

import { KoraError } from '@kora/runtime/plugin';
import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import { authorityOf } from '../authority.ts';
import type { Ready } from '../config.ts';
import { refusalOf } from './refusal.ts';

/**
 * How the server is spoken to: a connection of its own for each mail, each step bounded in milliseconds. Throws
 * PLUGIN_EMAIL_AUTHORITY.
 */
export async function smtpOptions(
  { smtp, address }: Pick<Ready, 'address' | 'smtp'>,
  password: string | undefined,
  patienceMs = 10_000,
): Promise<SMTPTransportOptions> {
  return {
    ...(await authorityOf('smtp', smtp.caFile)),
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: 20_000,
    ...(password === undefined ? {} : { auth: { user: smtp.user ?? address, pass: password } }),
  };
}

interface Wanted {
  readonly smtp: Ready['smtp'];
  readonly transport: { close(options?: { force?: boolean }): unknown };
  readonly password: string | undefined;
  readonly signal: AbortSignal;
}

/** Works until done or aborted, and closes what was opened. Throws what the outbox is told, without the password. */
export async function whileWanted(
  { smtp, transport, password, signal }: Wanted,
  work: () => Promise<void>,
): Promise<void> {
  const gone = Promise.withResolvers<never>();
  const stop = (): void =>
    gone.reject(new KoraError('PLUGIN_EMAIL_UNREACHED', 'broken off: the signal was aborted'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([work(), gone.promise]);
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'KORA_CHANNEL_REFUSED') throw error;
    throw refusalOf(error, { password, server: { what: 'smtp', ...smtp } });
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close({ force: true });
  }
}

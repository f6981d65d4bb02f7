import { KoraError } from '@kora/runtime/plugin';
import type { SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import type { Ready } from '../config.ts';
import { refusalOf } from './refusal.ts';

/** How the server is spoken to: a connection of its own for each mail, each step bounded in milliseconds. */
export function smtpOptions(
  { smtp, address }: Pick<Ready, 'address' | 'smtp'>,
  password: string | undefined,
): SMTPTransportOptions {
  return {
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    ...(password === undefined ? {} : { auth: { user: smtp.user ?? address, pass: password } }),
  };
}

interface Wanted {
  readonly transport: { close(options?: { force?: boolean }): unknown };
  readonly password: string | undefined;
  readonly signal: AbortSignal;
}

/** Works until done or aborted, and closes what was opened. Throws what the outbox is told, without the password. */
export async function whileWanted(
  { transport, password, signal }: Wanted,
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
    throw refusalOf(error, password);
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close({ force: true });
  }
}

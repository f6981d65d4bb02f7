import { smtpOptions, whileWanted } from './connection.ts';
import type { Sending } from './smtp.ts';

/** Whoever asks waits; a server that is silent for longer is told as that. In milliseconds. */
export const checkPatienceMs = 6_000;

/** Whether the server lets Kora in; sends nothing. Throws what the server answered. */
export async function checkSmtp(
  { config, password: secret }: Pick<Sending, 'config' | 'password'>,
  signal: AbortSignal,
): Promise<void> {
  const password = await secret();
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(await smtpOptions(config, password, checkPatienceMs));
  await whileWanted({ smtp: config.smtp, transport, password, signal }, async () => {
    await transport.verify();
  });
}

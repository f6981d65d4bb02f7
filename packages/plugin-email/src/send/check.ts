import { smtpOptions, whileWanted } from './connection.ts';
import type { Sending } from './smtp.ts';

/** Whether the server lets Kora in; sends nothing. Throws what the server answered. */
export async function checkSmtp(
  { config, password: secret }: Pick<Sending, 'config' | 'password'>,
  signal: AbortSignal,
): Promise<void> {
  const password = await secret();
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(smtpOptions(config, password));
  await whileWanted({ transport, password, signal }, async () => {
    await transport.verify();
  });
}

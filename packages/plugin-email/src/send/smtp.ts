import type { ArtifactContext } from '@kora/runtime/plugin';
import type { Ready } from '../config.ts';
import type { OutboundMessage } from '@kora/runtime/plugin';
import { compose } from './compose.ts';
import { fitting, largestAttachment, largestTogether, requireSendable } from './guard.ts';
import { smtpOptions, whileWanted } from './connection.ts';
import { never } from './refusal.ts';

export interface Sending {
  readonly config: Ready;
  readonly workspace: string;
  readonly artifacts: Pick<ArtifactContext, 'get'>;
  /** Asked for each mail and kept nowhere. */
  readonly password: () => Promise<string | undefined>;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

interface Carried {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly content: Uint8Array;
}

/**
 * Sends one mail over a connection of its own; resolves with its Message-ID once the server has taken it. Throws a
 * refusal (KORA_CHANNEL_REFUSED), or what broke the connection. A mail that was taken while the answer got lost is sent
 * again under the same Message-ID.
 */
export async function sendMail(
  sending: Sending,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<{ readonly receipt: string }> {
  const { config, workspace, warn } = sending;
  const { taken, left } = await attachmentsOf(sending, message.attachments);
  const mail = compose(message, config, { workspace, left });
  requireSendable({ from: mail.from.address, to: mail.to, fromDomains: config.fromDomains });
  const password = await sending.password();
  // Loaded by the first mail: a house that sends none does not pay for it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(await smtpOptions(config, password));
  await whileWanted({ smtp: config.smtp, transport, password, signal }, async () => {
    const { rejected } = await transport.sendMail({
      ...mail,
      to: [...mail.to],
      references: [...(mail.references ?? [])],
      date: new Date(message.createdAt),
      disableFileAccess: true,
      disableUrlAccess: true,
      attachments: taken.map(({ name, type, content }) => ({
        filename: name,
        contentType: type,
        content: Buffer.from(content),
      })),
    });
    const refused = (rejected ?? []).map(String);
    if (refused.includes(config.operator))
      throw never(`the mail server takes nothing for the operator's address`);
    if (refused.length > 0) warn('the mail server refused some recipients', { refused });
  });
  return { receipt: mail.messageId };
}

async function attachmentsOf(
  { artifacts }: Sending,
  ids: readonly string[],
): Promise<{ readonly taken: readonly Carried[]; readonly left: string[] }> {
  const files: Carried[] = [];
  const left: string[] = [];
  for (const id of ids) {
    try {
      files.push({ ...(await artifacts.get(id)), id });
    } catch (error) {
      // One that went since does not keep the words from the operator; a store that is away is another matter.
      if ((error as { readonly code?: unknown }).code !== 'KORA_ARTIFACT_UNKNOWN') throw error;
      left.push(`Not attached: ${id}, which is not kept any more.`);
    }
  }
  const fit = fitting(files);
  const bounds = `${largestAttachment / 1_048_576} MiB each, ${largestTogether / 1_048_576} MiB together`;
  for (const { name, size, id } of fit.left)
    left.push(`Not attached: ${name} (${size} bytes; ${bounds} at most). "kora artifact save ${id}" has it.`);
  return { taken: fit.taken, left };
}

import { ImapServer } from '../../packages/plugin-email/fixtures/imap-server.ts';
import { NameServer } from '../../packages/plugin-email/fixtures/name-server.ts';
import { MailServer } from '../../packages/plugin-email/fixtures/smtp.ts';
import { mail, signed, textOf } from '../../packages/plugin-email/fixtures/world.ts';

/** A mailbox, a server that takes mails and one that knows the keys of those who sign, each on a socket of this machine. */
export class Mailbox implements AsyncDisposable {
  readonly imap: ImapServer;
  readonly #smtp: MailServer;
  readonly #names: NameServer;

  private constructor(imap: ImapServer, smtp: MailServer, names: NameServer) {
    this.imap = imap;
    this.#smtp = smtp;
    this.#names = names;
  }

  static async open(): Promise<Mailbox> {
    return new Mailbox(await ImapServer.open(), await MailServer.open(), await NameServer.open(textOf));
  }

  /** The block of the email plugin. */
  get configuration(): object {
    const server = { host: '127.0.0.1', tls: 'none' };
    return {
      address: 'kora@example.com',
      smtp: { ...server, port: this.#smtp.port },
      imap: { ...server, port: this.imap.port, pollMs: 1_000 },
      nameServers: [this.#names.address],
      // Of a kind that nobody works: whether it was wanted is for the operator to say.
      intent: { kind: 'wish' },
    };
  }

  /** A mail of the operator's own, signed by its domain. */
  async deliver(subject: string, messageId: string): Promise<void> {
    this.imap.deliver(await signed(mail({ subject, messageId, text: 'As the subject says.' })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.imap, this.#smtp, this.#names]) await server[Symbol.asyncDispose]();
  }
}

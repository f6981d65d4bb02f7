import { KoraError } from '@kora/runtime/plugin';
import type { ImapFlow } from 'imapflow';
import { authorityOf } from '../authority.ts';
import type { ImapConfig } from '../config.ts';
import { troubleOf } from '../trouble.ts';
import type { House } from './handle.ts';
import { checkPatienceMs } from '../send/check.ts';
import { Sweep } from './sweep.ts';

export interface Listening extends House {
  readonly imap: ImapConfig;
  /** Asked for each connection and kept nowhere. */
  readonly password: () => Promise<string | undefined>;
  /** Milliseconds of silence after which IDLE begins. */
  readonly idleAfterMs?: number;
}

/** A connection that worked and broke is had again so often before the channel counts as down. */
const mostRetries = 5;
const firstRetryMs = 1_000;

/**
 * Listens until aborted: IDLE where the server has it, and a look every `pollMs` in any case. A connection that breaks is
 * had again after 1, 2, 4, 8 and 16 seconds, and counts as none that worked until it stood for a whole `pollMs`: providers
 * close the accounts of those who log in every second. Rejects when the server is not had at all, refuses the password, or when the
 * house cannot take what came; every mail is then still unread.
 */
export async function listen(listening: Listening, signal: AbortSignal): Promise<void> {
  const { clock, log } = listening.context;
  const sweep = new Sweep(listening);
  let worked = false;
  let retries = 0;
  while (!signal.aborted) {
    try {
      await session(listening, sweep, signal, {
        wentThrough: () => (worked = true),
        stood: () => (retries = 0),
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ConnectionLost) || !worked || retries >= mostRetries) throw told(error);
      log.warn('the mailbox was lost', { error: error.message });
      await clock.sleep(firstRetryMs * 2 ** retries, signal);
      retries += 1;
    }
  }
}

/** What the server did, in distinction from what the house did. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

function told(error: unknown): unknown {
  return error instanceof ConnectionLost
    ? new KoraError('PLUGIN_EMAIL_MAILBOX', `the mailbox was not had: ${error.message}`)
    : error;
}

async function session(
  listening: Listening,
  sweep: Sweep,
  signal: AbortSignal,
  tell: { wentThrough(): void; stood(): void },
): Promise<void> {
  const { imap, context } = listening;
  const client = await clientOf(listening);
  const closed = new AbortController();
  let broken: Error | undefined;
  let changed = false;
  let woken = new AbortController();
  client.on('error', (error) => {
    broken ??= error;
  });
  client.on('close', () => closed.abort());
  client.on('exists', () => {
    changed = true;
    woken.abort();
  });
  const stop = (): void => client.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await reached(listening, client, client.connect());
    const mailbox = await reached(listening, client, client.mailboxOpen(imap.folder));
    sweep.opened(mailbox.uidValidity);
    while (!signal.aborted) {
      changed = false;
      woken = new AbortController();
      await reached(listening, client, client.noop());
      await reached(listening, client, sweep.run(client, signal));
      tell.wentThrough();
      if (changed) continue;
      const until = AbortSignal.any([signal, woken.signal, closed.signal]);
      if (await context.clock.sleep(imap.pollMs, until)) tell.stood();
      if (closed.signal.aborted)
        throw new ConnectionLost(broken?.message ?? 'the server ended the connection');
    }
  } finally {
    signal.removeEventListener('abort', stop);
    client.close();
  }
}

/** While the connection stands, what failed was not the connection. */
async function reached<T>({ imap }: Pick<Listening, 'imap'>, client: ImapFlow, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (client.usable) throw error;
    throw new ConnectionLost(troubleOf(error, { what: 'imap', ...imap }));
  }
}

/** Whether the mailbox lets Kora in; reads nothing. */
export async function checkImap(listening: Listening, signal: AbortSignal): Promise<void> {
  const client = await clientOf(listening, checkPatienceMs);
  client.on('error', () => undefined);
  const stop = (): void => client.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await reached(listening, client, client.connect());
    await reached(listening, client, client.mailboxOpen(listening.imap.folder, { readOnly: true }));
  } catch (error) {
    throw told(error);
  } finally {
    signal.removeEventListener('abort', stop);
    client.close();
  }
}

async function clientOf(
  { imap, config, password, idleAfterMs }: Listening,
  patienceMs = 20_000,
): Promise<ImapFlow> {
  const { ImapFlow } = await import('imapflow');
  return new ImapFlow({
    ...(await authorityOf('imap', imap.caFile)),
    host: imap.host,
    port: imap.port,
    secure: imap.tls === 'implicit',
    doSTARTTLS: imap.tls === 'starttls',
    auth: { user: imap.user ?? config.address, pass: (await password()) ?? '' },
    logger: false,
    autoIdleDelay: idleAfterMs ?? 1_000,
    // Routers forget a connection on which nothing is said for longer.
    maxIdleTime: 240_000,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    maxLiteralSize: 64 * 1024 * 1024,
    maxLineLength: 1024 * 1024,
    maxResponseSize: 80 * 1024 * 1024,
    disableCompression: true,
  });
}

import type { Scope } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { opener } from '../browser.ts';
import { usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';

const known: readonly Scope[] = ['read', 'operate', 'approve', 'stop', 'admin'];

export const cockpit: Run = async ({ client, host, input, out }) => {
  const scopes = scopesOf(input);
  const device = input.text('device');
  const validForMs = input.span('for');
  const wish = {
    ...(scopes === undefined ? {} : { scopes }),
    ...(device === undefined ? {} : { device }),
    ...(validForMs === undefined ? {} : { validForMs }),
  };
  const pairing = await (await client()).pairing(wish);
  out.result(pairing, () => [pairing.url]);
  const end = `it works once and ends ${ago(pairing.expiresAt, out.now)}`;
  const byHand = (why: string): void => {
    out.note(`${why}; ${end}`);
    out.note(`by hand, at /pair: ${pairing.code}`);
  };
  const wanted = input.on('open') && host.stdout.isTTY && !out.json;
  const command = wanted ? opener(host.env, process.platform) : undefined;
  if (command === undefined) byHand('open it in a browser');
  else if (await opened(host, command, pairing.url)) out.note(`opened in the browser; ${end}`);
  else byHand(`${command[0]} found no browser here: open the address above in one`);
  return 'ok';
};

/** What has not complained by then has a browser, or is one. */
const openWithinMs = 3_000;

/** Hands the address to the program that opens one; false when that is not there, or says that it could not. */
async function opened(
  host: Context['host'],
  [command, args]: readonly [string, readonly string[]],
  url: string,
): Promise<boolean> {
  const browser = await host.start({ command, args: [...args, url], env: host.env });
  const waited = new AbortController();
  const ended = new Promise<boolean>((resolve) => browser.onEnd((code) => resolve(code === 0)));
  const stays = host.sleep(openWithinMs, waited.signal).then(() => true);
  const isOpen = await Promise.race([ended, stays]);
  waited.abort();
  browser.release();
  return isOpen;
}

export const sessions: Run = async ({ client, out }) => {
  const signedIn = await (await client()).sessions();
  out.result(signedIn, () => [
    ...out.table(
      signedIn.sessions,
      [
        { title: 'session', of: (row) => row.sessionId },
        { title: 'device', of: (row) => plain(row.device), flexible: true },
        { title: 'may', of: (row) => row.scopes.join(' ') },
        { title: 'paired', of: (row) => ago(row.createdAt, out.now) },
        { title: 'seen', of: (row) => ago(row.seenAt, out.now) },
        { title: 'ends', of: (row) => ago(row.expiresAt, out.now) },
      ],
      'nobody is signed in',
    ),
    ...refusedLine(signedIn.refused, out.now),
  ]);
  return 'ok';
};

export const revoke: Run = async ({ client, input, out }) => {
  const id = input.argument('session');
  if ((id === '') !== input.on('all'))
    throw usage('kora cockpit revoke takes a session, or --all', 'kora cockpit sessions');
  const reason = input.text('reason') ?? 'the operator said so';
  const api = await client();
  const done = id === '' ? await api.revokeSessions('all', reason) : await api.revokeSession(id, reason);
  out.result(done, () =>
    done.revoked.length === 0
      ? ['nobody was signed in']
      : done.revoked.map((each) => `${out.style.warn('revoked')}  ${plain(each)}`),
  );
  return 'ok';
};

function scopesOf(input: Context['input']): Scope[] | undefined {
  const said = input.text('scopes');
  if (input.on('read-only')) {
    if (said !== undefined) throw usage('--read-only and --scopes exclude each other', 'kora cockpit --help');
    return ['read'];
  }
  return said?.split(',').map((word) => {
    const scope = known.find((each) => each === word.trim());
    if (scope !== undefined) return scope;
    throw usage(
      `--scopes takes some of ${known.join(',')}, not ${JSON.stringify(word)}`,
      'kora cockpit --help',
    );
  });
}

function refusedLine(
  { total, since, causes }: { total: number; since: string; causes: { cause: string; count: number }[] },
  now: number,
): string[] {
  if (total === 0) return [];
  const why = causes.map(({ cause, count }) => `${cause.replaceAll('_', ' ')} ${count}`).join(', ');
  return ['', `turned away ${total} ${total === 1 ? 'time' : 'times'} since ${ago(since, now)}: ${why}`];
}

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
  const wish = { ...(scopes === undefined ? {} : { scopes }), ...(device === undefined ? {} : { device }) };
  const pairing = await (await client()).pairing(wish);
  out.result(pairing, () => [pairing.url]);
  const wanted = input.on('open') && host.stdout.isTTY && !out.json;
  const command = wanted ? opener(host.env, process.platform) : undefined;
  const end = `it works once and ends ${ago(pairing.expiresAt, out.now)}`;
  if (command === undefined) {
    out.note(`open it in a browser; ${end}`);
    out.note(`by hand, at /pair: ${pairing.code}`);
    return 'ok';
  }
  const browser = await host.start({
    command: command[0],
    args: [...command[1], pairing.url],
    env: host.env,
  });
  browser.onEnd((code) => {
    if (code !== 0 && code !== null) out.note(`${command[0]} did not open it; copy the address above`);
  });
  browser.release();
  out.note(`opened in the browser; ${end}`);
  return 'ok';
};

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

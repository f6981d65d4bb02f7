import { join } from 'node:path';
import type { Finding } from '@kora/runtime/client';
import { messageOf } from '@kora/runtime/plugin';
import { readConfigurationIfValid } from '../configuration.ts';
import { livesInPglite } from '../store-opener.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** One for notifications, one while the schema is changed; see docs/postgres.md. */
const besidePool = 2;
const hint = 'set KORA_DATABASE_URL to a PostgreSQL 15 or newer';

/** Which database the runtime would use, and for the embedded one, where its binaries lie. */
export const checkStore: Check = async (context, home) => {
  const configured = await readConfigurationIfValid(context);
  const url = configured?.databaseUrl ?? context.host.env['KORA_DATABASE_URL'] ?? '';
  if (url !== '') return [givenStore(url, configured?.config.store.connections)];
  if (livesInPglite(home)) {
    const message =
      'PGlite, in which this home began: slower than the embedded PostgreSQL, one connection at a time';
    return [finding('info', 'store/choice', message, { path: join(home, 'pglite') })];
  }
  try {
    const located = await (await context.host.runtime.postgres()).locatePostgres();
    if (!located.found) {
      const message = `PGlite takes the place of the embedded PostgreSQL: ${located.reason}`;
      return [finding('warning', 'store/choice', message, { hint })];
    }
    const origin = located.origin === 'package' ? 'its package' : 'PATH';
    return [
      finding('info', 'store/choice', `embedded PostgreSQL ${located.version} from ${origin}`, {
        path: located.bin,
      }),
    ];
  } catch (error) {
    return [
      finding('error', 'store/missing', `@kora/postgres cannot be loaded: ${messageOf(error)}`, { hint }),
    ];
  }
};

/** Names host and database, never user or password; and what the server has to have room for. */
function givenStore(url: string, connections: number | undefined): Finding {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) {
    const { host, pathname } = new URL(url);
    const place = `PostgreSQL at ${host === '' ? 'a socket' : host}${pathname}`;
    const needs = connections === undefined ? '' : `, up to ${connections + besidePool} connections`;
    return finding('info', 'store/choice', `${place}${needs}`);
  }
  return finding('error', 'store/url', 'the database address is no postgres:// address', {
    hint: 'KORA_DATABASE_URL=postgres://user:password@host:5432/database',
  });
}

import type pg from 'pg';
import { secured } from './tls.ts';
import type { TlsSettings } from './tls.ts';

/**
 * How the server is reached, in plain data that another thread may be handed: what the driver is told of an embedded
 * server, or a URL and what is said of its TLS. It holds the password.
 */
export type StoreWay =
  | (Pick<pg.ClientConfig, 'connectionString' | 'host' | 'port' | 'user' | 'database'> & {
      readonly password?: string | undefined;
    })
  | { readonly url: string; readonly tls: TlsSettings | undefined };

/** In the driver's terms. Throws as `secured` does: certificates are read when they are needed. */
export function connectionOn(way: StoreWay): pg.ClientConfig {
  return 'url' in way ? secured(way.url, way.tls) : { ...way };
}

/** The same server for another login. A password of plain letters and digits, as whoever makes one should take. */
export function wayAs(way: StoreWay, login: { readonly user: string; readonly password: string }): StoreWay {
  if ('url' in way) return { ...way, url: urlAs(way.url, login) };
  const { connectionString } = way;
  if (connectionString === undefined) return { ...way, ...login };
  return { ...way, ...login, connectionString: urlAs(connectionString, login) };
}

/** By hand: a URL whose host is a socket's folder is none to a browser's parser. */
function urlAs(
  url: string,
  { user, password }: { readonly user: string; readonly password: string },
): string {
  const [place = '', query] = url.split('?', 2);
  const [, scheme = '', rest = ''] = /^(postgres(?:ql)?:\/\/)(?:[^/]*@)?(.*)$/s.exec(place) ?? [];
  const parameters = new URLSearchParams(query);
  for (const name of ['user', 'password']) parameters.delete(name);
  const more = parameters.toString();
  return `${scheme}${encodeURIComponent(user)}:${encodeURIComponent(password)}@${rest}${more === '' ? '' : `?${more}`}`;
}

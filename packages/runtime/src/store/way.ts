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

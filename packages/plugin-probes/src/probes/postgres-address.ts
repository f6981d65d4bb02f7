const standardPort = 5432;

/** Where a server is and whose session is wanted there. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a socket on this machine. */
  readonly host: string;
  readonly port: number;
  readonly isSocket: boolean;
  readonly user: string;
  readonly database: string;
  /** `db.internal:5432/orders`, `/run/postgresql/orders`: for people, without user and password. */
  readonly shown: string;
}

/** Reads `postgres://user@host:port/database`; a host that is a folder stands in it as libpq writes it, `%2Frun%2Fpostgresql`. */
export function postgresAddress(url: string): PostgresAddress {
  const { hostname, port, username, pathname } = new URL(url);
  // URL writes IPv6 addresses in brackets; sockets want them bare.
  const host = decodeURIComponent(hostname.replace(/^\[|\]$/g, ''));
  const isSocket = host.startsWith('/');
  const shownHost = isSocket ? host : hostname;
  return {
    host,
    port: port === '' ? standardPort : Number(port),
    isSocket,
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    shown: `${shownHost}${port === '' ? '' : `:${port}`}${pathname}`,
  };
}

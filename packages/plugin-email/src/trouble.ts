/** The server that is spoken to, by its place in the configuration. */
export interface Server {
  readonly what: 'smtp' | 'imap';
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * What kept a server from being had, in a line that says what to do about it; the server's own words stand in it. An error
 * that is none of these keeps its message.
 */
export function troubleOf(error: unknown, { what, host, port, tls }: Server): string {
  const codes = codesOf(error);
  const has = (...wanted: readonly string[]): boolean => wanted.some((code) => codes.includes(code));
  const said = wordsOf(error);
  const at = `${host}:${port}`;
  if (isLogin(error, codes)) return `${host} refused the login: ${said}`;
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EDNS')) return `the host ${host} is not known (${what}.host)`;
  if (has('ECONNREFUSED')) return `nothing answers at ${at} (${what}.port)`;
  if (has('ERR_TLS_CERT_ALTNAME_INVALID'))
    return `the certificate of ${at} is for another name (${what}.host): ${said}`;
  if (has('CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'))
    return `the certificate of ${at} is not valid now: ${said}`;
  if (codes.some((code) => untrusted.has(code)))
    return `the certificate of ${at} is not believed: ${said}; ${what}.caFile names an authority of your own`;
  if (codes.some((code) => code.startsWith('ERR_SSL_')) || (tls === 'implicit' && has('ETLS')))
    return `${at} does not begin with TLS (${what}.tls may have to be starttls)`;
  if (tls === 'starttls' && (has('ETLS') || /starttls/i.test(said)))
    return `${at} does not offer STARTTLS, and nothing is said without: ${said}`;
  if (has('ETIMEDOUT', 'CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT'))
    return `${at} did not answer in time (${what}.port and ${what}.tls may not belong together): ${said}`;
  return said;
}

/** The codes of an error and of what it came of. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at: unknown = error, deep = 0; at instanceof Object && deep < 5; deep += 1) {
    for (const key of ['code', 'originalCode']) {
      const code: unknown = Reflect.get(at, key);
      if (typeof code === 'string') codes.push(code);
    }
    at = Reflect.get(at, 'cause');
  }
  return codes;
}

function isLogin(error: unknown, codes: readonly string[]): boolean {
  return codes.includes('EAUTH') || Reflect.get(Object(error), 'authenticationFailed') === true;
}

/** The server's answer where there is one. */
function wordsOf(error: unknown): string {
  const { responseText, message } = Object(error) as {
    readonly responseText?: unknown;
    readonly message?: unknown;
  };
  const said = [responseText, message].find((text) => typeof text === 'string' && text !== '');
  return String(said ?? error)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { fault, messageOf } from '../fault/index.ts';

/** How the way to the server is protected. There is no `prefer`: it gives up encryption without a word. */
export interface TlsSettings {
  /** Require: encrypted, whoever answers. Verify-ca: its certificate is signed. Verify-full: and names the server. */
  readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  /** Whom to trust instead of the authorities Node knows. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The name the certificate must hold, where it is not the host of the URL. */
  readonly serverName?: string | undefined;
}

type Ssl = false | ConnectionOptions;

const modes: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];
const ours = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat'] as const;

/**
 * Takes what concerns TLS out of a database URL and says it in the driver's terms: the driver gives `sslmode` another
 * meaning than every other client, and is going to change it. The configuration's `store.tls` wins over the URL. Throws
 * KORA_CONFIG_INVALID for a mode that is not known, KORA_CONFIG_UNREADABLE for a file that cannot be read.
 */
export function secured(url: string, settings?: TlsSettings): { connectionString: string; ssl?: Ssl } {
  const [place = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const asked = settings ?? ofUrl(parameters);
  for (const name of ours) parameters.delete(name);
  const rest = parameters.toString();
  const connectionString = rest === '' ? place : `${place}?${rest}`;
  return asked === undefined ? { connectionString } : { connectionString, ssl: sslOf(asked) };
}

function ofUrl(parameters: URLSearchParams): TlsSettings | undefined {
  const mode = parameters.get('sslmode') ?? plainSsl(parameters.get('ssl'));
  if (mode === null) return undefined;
  if (!isMode(mode)) {
    throw fault(
      'KORA_CONFIG_INVALID',
      `the database URL says sslmode=${mode}; Kora knows ${modes.join(', ')}`,
      {
        fix: 'say sslmode=verify-full, or require where the certificate cannot be checked',
      },
    );
  }
  return {
    mode,
    caFile: parameters.get('sslrootcert') ?? undefined,
    certFile: parameters.get('sslcert') ?? undefined,
    keyFile: parameters.get('sslkey') ?? undefined,
  };
}

/** `ssl=true` of older URLs, in the mode's words. */
function plainSsl(value: string | null): string | null {
  if (value === null) return null;
  if (value === 'no-verify') return 'require';
  return ['0', 'false'].includes(value) ? 'disable' : 'verify-full';
}

function isMode(mode: string): mode is TlsSettings['mode'] {
  return modes.includes(mode);
}

function sslOf(settings: TlsSettings): Ssl {
  const { mode, caFile, certFile, keyFile, serverName } = settings;
  if (mode === 'disable') return false;
  return {
    rejectUnauthorized: mode !== 'require',
    ...(caFile === undefined ? {} : { ca: read('caFile', caFile) }),
    ...(certFile === undefined ? {} : { cert: read('certFile', certFile) }),
    ...(keyFile === undefined ? {} : { key: read('keyFile', keyFile) }),
    ...identityCheck(mode, serverName),
  };
}

function identityCheck(mode: TlsSettings['mode'], serverName: string | undefined): ConnectionOptions {
  if (mode !== 'verify-full') return { checkServerIdentity: () => undefined };
  // The driver puts the URL's host over any `servername` it is given, so the name is checked here.
  return serverName === undefined
    ? {}
    : { checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate) };
}

function read(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fault('KORA_CONFIG_UNREADABLE', `store.tls.${key}: ${messageOf(cause)}`, {
      fix: `make ${file} readable, or name another`,
      details: { file },
      cause,
    });
  }
}

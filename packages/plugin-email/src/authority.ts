import { readFile } from 'node:fs/promises';
import { KoraError } from '@kora/runtime/plugin';

/** What TLS is told beside its defaults: the authority that is named, read anew for each connection. */
export async function authorityOf(
  what: 'smtp' | 'imap',
  caFile: string | undefined,
): Promise<{ readonly tls?: { readonly ca: Buffer } }> {
  if (caFile === undefined) return {};
  try {
    return { tls: { ca: await readFile(caFile) } };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KoraError('PLUGIN_EMAIL_AUTHORITY', `${what}.caFile cannot be read: ${why}`, { cause });
  }
}

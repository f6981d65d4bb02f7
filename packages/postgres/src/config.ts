import { join } from 'node:path';
import { writeWhole } from './files.ts';
import { type Place, port } from './place.ts';

/**
 * Writes the server's configuration beside the data directory, where the server's user cannot change it, at each
 * start. An operator's own settings go through ALTER SYSTEM, which stands above this file.
 */
export async function writeConfig(place: Place): Promise<string> {
  const hba = join(place.folder, 'pg_hba.conf');
  const file = join(place.folder, 'postgresql.conf');
  const mode = place.owner === undefined ? 0o600 : 0o644;
  // Every guest process may reach the socket's path by name; only the password lets it in.
  await writeWhole(hba, `${header}local all all scram-sha-256\n`, mode);
  const lines = Object.entries(settings(place, hba)).map(([name, value]) => `${name} = ${quote(value)}`);
  await writeWhole(file, `${header}${lines.join('\n')}\n`, mode);
  return file;
}

const header = '# Written by Kora at each start. Own settings: ALTER SYSTEM SET name = value.\n';

function settings(place: Place, hba: string): Record<string, string> {
  return {
    hba_file: hba,
    // One door: the socket. No TCP.
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: `"${place.socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    // Small: one operator's machine, a database of megabytes to a few gigabytes.
    max_connections: '60',
    shared_buffers: '64MB',
    // A burst of tickets writes 40 MB/s: with less, every few seconds there is a checkpoint, and after each of them every
    // page is logged whole once more. It grows with the load alone, and shrinks after it.
    max_wal_size: '1GB',
    // `try` fails with SIGBUS in containers that offer huge pages and forbid them; for 64 MB they buy nothing.
    huge_pages: 'off',
    // Short statements by the thousand: compiling them costs more than running them.
    jit: 'off',
    // Queue tables turn over all day; the default minute lets them bloat.
    autovacuum_naptime: '15s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    log_checkpoints: 'off',
    // `postgres: kora: checkpointer` says in `ps` whose it is.
    cluster_name: 'kora',
  };
}

function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

import type { Readable, Writable } from 'node:stream';
import { from, to } from 'pg-copy-streams';
import type { Session } from '../store/index.ts';
import type { TableShape } from './contract.ts';
import { quoted } from './mark.ts';

/** How values are written as text, the same whatever server or role: a backup is read by another one. */
export const textSettings: readonly string[] = [
  `set local datestyle = 'ISO, YMD'`,
  `set local timezone = 'UTC'`,
  `set local intervalstyle = 'postgres'`,
  `set local bytea_output = 'hex'`,
  'set local extra_float_digits = 1',
  `set local client_encoding = 'UTF8'`,
  // Not the runtime's impatience: a big table is minutes.
  'set local statement_timeout = 0',
  'set local lock_timeout = 0',
];

/** A table's rows. Text, not binary: it reads the same in every major version. */
export function copyOut({ client }: Session, table: TableShape): Readable {
  // A partitioned table is no source for COPY; a query on it is.
  return client.query(to(`copy (select ${columnsOf(table)} from ${qualified(table)}) to stdout`));
}

export function copyIn({ client }: Session, table: TableShape): Writable {
  return client.query(from(`copy ${qualified(table)} (${columnsOf(table)}) from stdin`));
}

export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function columnsOf({ columns }: TableShape): string {
  return columns.map(quoted).join(', ');
}

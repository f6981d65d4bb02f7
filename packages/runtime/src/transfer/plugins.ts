import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Database, Session } from '../store/index.ts';
import type { LedgerRow, StoreSource, TableShape } from './contract.ts';

/** What a store knows of the login of one of its plugins. */
export interface PluginLogin {
  readonly plugin: string;
  /** Undefined where none is remembered. */
  readonly password: string | undefined;
  /** Whether it ran with the runtime's own rights when it registered last. */
  readonly trusted: boolean;
}

/**
 * Makes and fills the tables of plugins where a store goes. Their statements, checks and triggers were written by whoever
 * wrote the plugin: they run under the plugin's login and never with the rights of whoever moves the store.
 */
export interface PluginCarrier {
  open(target: Database, login: PluginLogin): Promise<CarriedPlace>;
}

export interface CarriedPlace extends AsyncDisposable {
  readonly schema: string;
  migrate(lines: readonly LedgerRow[]): Promise<void>;
  /** One connection under the plugin's login. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

const loginTable = { schema: 'kora', name: 'plugin_role' };

/** The logins that the source remembers, read from its rows as a backup has them too. */
export async function readLogins(source: StoreSource): Promise<PluginLogin[]> {
  const { schema, name } = loginTable;
  const table = source.contents.tables.find((one) => one.schema === schema && one.name === name);
  if (table === undefined) return [];
  return rowsOf(table, await textOf(await source.rows(table))).flatMap(({ plugin, password, trusted }) =>
    plugin === undefined ? [] : [{ plugin, password, trusted: trusted === 't' }],
  );
}

async function textOf(rows: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  await pipeline(rows, async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) chunks.push(part);
  });
  return Buffer.concat(chunks).toString('utf8');
}

/** COPY's text; an id and a password have nothing that it would escape. */
function rowsOf({ columns }: TableShape, text: string): Partial<Record<string, string>>[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
  });
}

import type { Database, Session } from '../store/index.ts';
import type { StoreSource } from './contract.ts';
import { copyOut, textSettings } from './copy.ts';
import { readContents, readSequences } from './inventory.ts';

/** A running store as a source: one snapshot on one connection, so that all rows are of one moment. */
export function withSnapshot<T>(
  database: Database,
  work: (source: StoreSource, session: Session) => Promise<T>,
): Promise<T> {
  return database.session(async (session) => {
    await session.query('begin isolation level repeatable read read only');
    for (const setting of textSettings) await session.query(setting);
    const source: StoreSource = {
      description: database.server.description,
      contents: await readContents(session),
      rows: (table) => Promise.resolve(copyOut(session, table)),
      sequences: () => readSequences(session),
    };
    const result = await work(source, session);
    await session.query('commit');
    return result;
  });
}

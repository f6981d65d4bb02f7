// A process that migrates a database when told to, and says how it went.
import { createInterface } from 'node:readline';
import { systemClock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import { migrate, openPool, readMigrations } from '../index.ts';

const [connection = '{}', folder = ''] = process.argv.slice(2);
const database = openPool({
  connection: JSON.parse(connection) as object,
  server: { kind: 'url', description: 'test' },
  clock: systemClock(),
  onIdleError: () => undefined,
});
const migrations = await readMigrations(folder);
process.stdout.write('up\n');
for await (const _go of createInterface({ input: process.stdin })) {
  const answer = await migrate(database, { owner: 'runtime', build: '1.0.0', migrations }).then(
    ({ applied }) => `applied ${applied}`,
    (error: unknown) => (error instanceof KoraError ? error.code : String(error)),
  );
  process.stdout.write(`${answer}\n`);
}
await database.close();

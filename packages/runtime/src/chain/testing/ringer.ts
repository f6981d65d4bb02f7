// A process that rings when it is told to, and says what became of it: staged, spooled, or the code of the error.
import { createInterface } from 'node:readline';
import { systemClock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Chain } from '../chain.ts';
import { draft, Vocabulary } from '../vocabulary.ts';
import { rang } from './rang.ts';

const [connection = '{}', path = ''] = process.argv.slice(2);
const clock = systemClock();
const database = openPool({
  connection: JSON.parse(connection) as object,
  server: { kind: 'url', description: 'test' },
  clock,
  onIdleError: () => undefined,
});
const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
const chain = new Chain({
  database,
  owner: { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' },
  vocabulary: new Vocabulary(),
  clock,
  scope: new Scope('ringer'),
  onError: () => undefined,
  spool: { path },
});
await chain.start();
await chain.declare('test', [rang]);
process.stdout.write('up\n');
for await (const n of createInterface({ input: process.stdin })) {
  const said = await chain
    .append([draft(rang, { n: Number(n) })])
    .catch((error: unknown) => (error instanceof KoraError ? error.code : String(error)));
  process.stdout.write(`${said}\n`);
}

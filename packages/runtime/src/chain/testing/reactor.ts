// A process that runs one consumer until it is killed: it keeps each event in a table, and says each that landed.
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Chain } from '../chain.ts';
import { Vocabulary } from '../vocabulary.ts';

const [connection = '{}', runtimeId = ''] = process.argv.slice(2);
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
  owner: { workspaceId, runtimeId, sessionId: clock.uuid(), actorId: 'kora' },
  vocabulary: new Vocabulary(),
  clock,
  scope: new Scope('reactor'),
  onError: (where, error) => void process.stdout.write(`error ${where}: ${String(error)}\n`),
});
await chain.start();
await chain.subscribe({
  consumer: 'c',
  types: ['test'],
  from: 'beginning',
  react: ({ seq }) =>
    Promise.resolve(async (tx) => {
      await tx.query('insert into kept (consumer, seq) values ($1, $2)', ['c', seq]);
      tx.afterCommit(() => void process.stdout.write(`${seq}\n`));
    }),
});

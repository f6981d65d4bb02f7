// A process that appends until it is killed, one event after the other in four lanes, and says each that was acknowledged.
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Chain } from '../chain.ts';
import { draft, Vocabulary } from '../vocabulary.ts';
import { appended } from './appended.ts';

const [connection = '{}', name = '', limit = '0'] = process.argv.slice(2);
const clock = systemClock();
const database = openPool({
  connection: JSON.parse(connection) as object,
  server: { kind: 'url', description: 'test' },
  clock,
  onIdleError: () => undefined,
});
const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
const scope = new Scope('appender');
const chain = new Chain({
  database,
  owner,
  vocabulary: new Vocabulary(),
  clock,
  scope,
  onError: (where, error) => void process.stdout.write(`error ${where}: ${String(error)}\n`),
});
await chain.start();
await chain.declare('test', [appended]);
process.stdout.write('up\n');

async function lane(id: number): Promise<void> {
  for (let n = 1; n <= Number(limit); n += 1) {
    const key = `${name}/${id}/${n}`;
    await chain.append([draft(appended, { key })]);
    process.stdout.write(`${key}\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(lane));
await scope.dispose();
await database.close();
process.stdout.write('done\n');

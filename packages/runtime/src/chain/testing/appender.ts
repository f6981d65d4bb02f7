// A process that appends until it is killed, one event after the other in four lanes, and says each that was acknowledged.
// With a seed it appends, stages in transactions that commit or roll back, and waits for sequences, in an order of its own.
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import { Chain } from '../chain.ts';
import type { EventDraft } from '../contract.ts';
import { draft, Vocabulary } from '../vocabulary.ts';
import { appended } from './appended.ts';

const [connection = '{}', name = '', limit = '0', seed = ''] = process.argv.slice(2);
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
  let state = (Number(seed) * 7_919 + id * 104_729) % 2_147_483_647;
  for (let n = 1; n <= Number(limit); n += 1) {
    const key = `${name}/${id}/${n}`;
    state = (state * 48_271) % 2_147_483_647;
    await raise(key, seed === '' ? 0 : state % 5);
    process.stdout.write(`${key}\n`);
  }
}

async function raise(key: string, way: number): Promise<void> {
  const event = draft(appended, { key });
  if (way === 1) await chain.appendSealed(event);
  else if (way === 2) await database.transaction((tx) => chain.stage(tx, [event]));
  else {
    if (way === 3) await undo(draft(appended, { key: `undone ${key}` }));
    await chain.append([event]);
  }
}

async function undo(event: EventDraft): Promise<void> {
  const changed = new Error('changed my mind');
  await database
    .transaction(async (tx) => {
      await chain.stage(tx, [event]);
      throw changed;
    })
    .catch((error: unknown) => {
      if (error !== changed) throw error;
    });
}

await Promise.all([1, 2, 3, 4].map(lane));
await scope.dispose();
await database.close();
process.stdout.write('done\n');

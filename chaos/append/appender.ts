// A runtime's chain under mixed load, made to be killed: says each event that was acknowledged, and never less.
//   node appender.ts STORE_JSON ROUND [PLANTED]
import { z } from 'zod';
import { Chain, draft, eventType, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import type { ChainEvent, Reaction } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { isStoreAway } from '../../packages/runtime/src/store/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import { openNamed, runtimeId } from './stores.ts';
import type { StoreName } from './stores.ts';

const [store = '{}', round = '0', planted = ''] = process.argv.slice(2);
const clock = systemClock();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const scope = new Scope('appender');
const database = await openNamed(JSON.parse(store) as StoreName, scope);

/** `lone` and `pair` differ by prefix, so that one consumer sees them all and the other half. */
const lone = eventType('chaos.lone.appended', 'Appended by itself.', z.object({ key: z.string() }));
const pair = eventType('chaos.pair.appended', 'Staged beside a row.', z.object({ key: z.string() }));

const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
const owner = { workspaceId, runtimeId, sessionId: clock.uuid(), actorId: 'kora' };
const chain = new Chain({
  database,
  owner,
  vocabulary: new Vocabulary(),
  clock,
  scope,
  onError: (where, error) => say(`error ${where}: ${String(error)}`),
});
await chain.start();
await chain.declare('chaos', [lone, pair]);
for (const [consumer, types] of [
  ['all', ['chaos']],
  ['pairs', ['chaos.pair']],
] as const) {
  const react = (event: ChainEvent): Promise<Reaction | undefined> =>
    Promise.resolve(reaction(consumer, event));
  scope.add(consumer, await subscribed(consumer, types, react));
}
say('up');

const kinds = ['lone', 'lone', 'lone', 'lone', 'sealed', 'pair', 'pair', 'pair'] as const;
await Promise.all(kinds.map((kind, lane) => keepAppending(kind, lane)));

async function keepAppending(kind: (typeof kinds)[number], lane: number): Promise<void> {
  for (let n = 1; ; n += 1) {
    const key = `${kind}/${round}/${lane}/${n}`;
    if (planted === 'acknowledged-early') {
      say(`ack ${key}`);
      await clock.sleep(20); // long enough that a kill falls between the promise and the deed
    }
    try {
      await appendOne(kind, key);
      if (planted === 'appended-twice' && n % 2 === 1) await appendOne(kind, key);
      say(`ack ${key}`);
    } catch (error) {
      // Its outcome is unknown, so it is not said; whether it is there at most once is judged.
      if (!isStoreAway(error)) say(`error append: ${String(error)}`);
      await clock.sleep(50);
    }
  }
}

async function appendOne(kind: (typeof kinds)[number], key: string): Promise<void> {
  if (kind === 'lone') await chain.append([draft(lone, { key })]);
  else if (kind === 'sealed') await chain.appendSealed(draft(lone, { key }));
  else {
    await database.transaction(async (tx) => {
      await tx.query('insert into chaos.business (key) values ($1)', [key]);
      await chain.stage(tx, [draft(pair, { key })]);
    });
  }
}

/** What a consumer does: one row for each event, in the transaction of its cursor. */
function reaction(consumer: string, event: ChainEvent): Reaction {
  const insert = 'insert into chaos.seen (consumer, event_seq) values ($1, $2)';
  if (planted !== 'reacted-outside')
    return async (tx) => void (await tx.query(insert, [consumer, event.seq]));
  return async () => {
    await database.query(insert, [consumer, event.seq]);
    await clock.sleep(20);
  };
}

async function subscribed(
  consumer: string,
  types: readonly string[],
  react: (event: ChainEvent) => Promise<Reaction | undefined>,
): Promise<() => Promise<void>> {
  const reading = await chain.subscribe({ consumer, types, from: 'beginning', react });
  return () => reading.dispose();
}

import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import { until } from '../../e2e/harness/wait.ts';
import type { AppendFacts } from './judge.ts';
import { openNamed, runtimeId } from './stores.ts';
import type { StoreName } from './stores.ts';

/** Lets a runtime seal and react to what the killed ones left, then reads everything. */
export async function verifyStore(name: StoreName, acknowledged: readonly string[]): Promise<AppendFacts> {
  const scope = new Scope('facts');
  const database = await openNamed(name, scope);
  const clock = systemClock();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const owner = { workspaceId, runtimeId, sessionId: clock.uuid(), actorId: 'kora' };
  const onError = (where: string, error: unknown): void => console.error(`${where}: ${String(error)}`);
  const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  await chain.start();
  for (const [consumer, types] of [
    ['all', ['chaos']],
    ['pairs', ['chaos.pair']],
  ] as const) {
    const reading = await chain.subscribe({
      consumer,
      types,
      from: 'beginning',
      react: (event) =>
        Promise.resolve(async (tx) => {
          await tx.query('insert into chaos.seen (consumer, event_seq) values ($1, $2)', [
            consumer,
            event.seq,
          ]);
        }),
    });
    scope.add(consumer, () => reading.dispose());
  }
  await until(
    'everything to be sealed and read',
    async () => {
      const unsealed = await chain.unsealed();
      const consumers = await chain.consumers();
      const lag = consumers.reduce((sum, consumer) => sum + consumer.lag, 0);
      if (unsealed === 0 && lag === 0) return true;
      throw new Error(`${unsealed} unsealed, ${lag} unread`);
    },
    300_000,
  );
  const verification = await chain.verify();
  const head = await chain.head();
  const facts = {
    acknowledged,
    events: await readKeys(database),
    business: (await database.query<{ key: string }>('select key from chaos.business')).map(({ key }) => key),
    seen: await database.query<{ consumer: string; seq: number }>(
      'select consumer, event_seq as seq from chaos.seen order by at',
    ),
    verified: { ok: verification.ok, checked: verification.checked, detail: verification.detail },
    headSeq: head.seq,
  };
  await scope.dispose();
  return facts;
}

function readKeys(database: Database): Promise<AppendFacts['events'][number][]> {
  return database.query(
    `select seq, type, body::json ->> 'key' as key from kora.event join kora.event_body using (workspace_id, seq)
     where type like 'chaos.%' order by seq`,
  );
}

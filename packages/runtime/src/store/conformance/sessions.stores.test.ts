import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { Sessions } from '../../ticket/index.ts';
import { ticketBench } from '../../ticket/testing/bench.ts';

const singleProcess = inject('storeKind') === 'pglite';

test('a session is told what it holds, in the way of each store, and is over when it ends', async () => {
  const { database, owner, add, claim, reap, find } = await ticketBench();
  const errors: string[] = [];
  const sessions = new Sessions({
    database,
    owner,
    clock: systemClock(),
    connection: database.way(),
    singleProcess,
    times: { beatMs: 50, moveMs: 50 },
    onError: (where, error) => errors.push(`${where}: ${messageOf(error)}`),
  });
  const session = await sessions.begin();
  onTestFinished(() => session.end());
  const { ticketId } = await add();
  const [held] = await claim(session.sessionId);
  let told: unknown;
  session.onBeat((leases) => (told = [...leases]));
  await expect.poll(() => told).toEqual([[ticketId, held?.fence]]);
  expect(await reap()).toEqual([]);
  await session.end();
  expect(await reap()).toHaveLength(1);
  expect(await find(ticketId)).toMatchObject({ fence: held?.fence });
  expect(errors).toEqual([]);
});

import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ChainEvent } from './index.ts';
import { draft, eventType } from './index.ts';
import { secondRuntime, testChain } from './testing/chain.ts';

const before = eventType('test.visited', 'Somebody came by.', z.object({ name: z.string() }));
const today = eventType(
  'test.visited',
  'Somebody came by.',
  z.object({ first: z.string(), last: z.string() }),
  {
    version: 2,
    upcast: {
      1: ({ name }) => {
        const [first = '', last = ''] = String(name).split(' ');
        return { first, last };
      },
    },
  },
);

test('two builds on one chain: the newer reads what the older wrote in its own form, the older what the newer wrote as it is', async () => {
  const older = await testChain();
  const newer = await secondRuntime(older);
  await older.chain.declare('visits', [before]);
  await newer.chain.declare('visits', [today]);
  await older.chain.append([draft(before, { name: 'Ada Lovelace' })]);
  await newer.chain.append([draft(today, { first: 'Grace', last: 'Hopper' })]);
  await expect.poll(() => older.chain.head()).toMatchObject({ seq: 2 });

  expect(await newer.chain.read({})).toMatchObject([
    { schemaVersion: 2, payload: { first: 'Ada', last: 'Lovelace' } },
    { schemaVersion: 2, payload: { first: 'Grace', last: 'Hopper' } },
  ]);
  expect(await older.chain.read({})).toMatchObject([
    { schemaVersion: 1, payload: { name: 'Ada Lovelace' } },
    { schemaVersion: 2, payload: { first: 'Grace', last: 'Hopper' } },
  ]);
  const told: ChainEvent[] = [];
  await newer.chain.subscribe({
    consumer: 'visits',
    types: ['test.visited'],
    from: 'beginning',
    react: (event) => {
      told.push(event);
      return Promise.resolve(undefined);
    },
  });
  await expect.poll(() => told.map(({ payload }) => payload['first'])).toEqual(['Ada', 'Grace']);
  expect(await older.chain.verify()).toMatchObject({ ok: true, checked: 2 });

  newer.chain.undeclare('visits');
  expect(await newer.chain.read({})).toMatchObject([
    { schemaVersion: 1, payload: { name: 'Ada Lovelace' } },
    { schemaVersion: 2, payload: { first: 'Grace' } },
  ]);
});

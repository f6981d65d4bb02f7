import { expect, test } from 'vitest';
import { asOwner, logGuards } from './checkpoint/testing/house.ts';
import { draft } from './index.ts';
import { noted, testChain } from './testing/chain.ts';
import { hastyChain, subscribe } from './testing/consumer.ts';

test.each([
  ['no JSON', '{"n":'],
  ['no object', '7'],
])('one body that is %s any more hides none of the others', async (_, body) => {
  const { chain, database } = await testChain();
  await chain.append([1, 2, 3].map((n) => draft(noted, { n })));
  expect(await chain.appendSealed(draft(noted, { n: 4 }))).toBe(4);
  await asOwner(
    { database },
    ...logGuards('disable'),
    `update kora.event_body set body = '${body}' where seq = 2`,
    ...logGuards('enable'),
  );
  const told = [{ n: 1 }, {}, { n: 3 }, { n: 4 }];
  const listed = await chain.read({ type: 'test' });
  expect(listed.map(({ payload }) => payload)).toEqual(told);
  expect(listed.map(({ damaged }) => damaged)).toEqual([undefined, true, undefined, undefined]);
  const newest = await chain.newest({ types: [noted.type], limit: 10 });
  expect(newest.map(({ payload }) => payload)).toEqual(told.toReversed());
  expect((await chain.causes(2))?.steps.map(({ event }) => event.damaged)).toEqual([true]);
  expect(await chain.verify()).toMatchObject({ ok: false, firstBadSeq: 2 });
});

test('nobody acts on an event whose body is damaged: it is parked, and what is parked can be listed', async () => {
  const made = await hastyChain();
  const { chain, database } = made;
  expect(await chain.appendSealed(draft(noted, { n: 1 }))).toBe(1);
  expect(await chain.appendSealed(draft(noted, { n: 2 }))).toBe(2);
  await asOwner(
    { database },
    ...logGuards('disable'),
    `update kora.event_body set body = '{' where seq = 1`,
    ...logGuards('enable'),
  );
  const heard: number[] = [];
  await subscribe(made, {
    types: [noted.type],
    react: ({ seq }) => {
      heard.push(seq);
      return Promise.resolve(undefined);
    },
  });
  await expect.poll(() => heard).toEqual([2]);
  expect(await chain.parked('c')).toMatchObject([{ seq: 1, event: { payload: {}, damaged: true } }]);
});

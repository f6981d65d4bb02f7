import { expect, test } from 'vitest';
import { asOwner, collected, cutTail, filed, guards, house, listed, logGuards } from './testing/house.ts';

test('a head moved back is found by the table; cut out of the table too, by the file', async () => {
  const { checkpointer, add, database, rewindings } = await house();
  await add(8);
  await checkpointer.checkpoint();
  await asOwner({ database }, ...cutTail(5));
  expect(await checkpointer.checkpoint()).toBe('rewound');
  expect(rewindings.at(-1)).toMatchObject({ headSeq: 5, size: 8, source: 'table', problem: 'behind' });
  await asOwner({ database }, guards('checkpoint', 'disable'), 'delete from kora.checkpoint');
  expect(await checkpointer.checkpoint()).toBe('rewound');
  expect(rewindings.at(-1)).toMatchObject({ headSeq: 5, size: 8, source: 'file', problem: 'behind' });
  expect(checkpointer.status().rewound).toMatchObject({ source: 'file' });
});

test('an end that was cut and written anew is found, though the head is past the checkpoint again', async () => {
  const { checkpointer, add, database, rewindings } = await house();
  await add(8);
  await checkpointer.checkpoint();
  await asOwner({ database }, ...cutTail(5), ...logGuards('enable'));
  await add(9);
  expect(await checkpointer.checkpoint()).toBe('rewound');
  expect(rewindings.at(-1)).toMatchObject({ headSeq: 14, size: 8, problem: 'other_hash' });
});

test('a start looks at once, and while it is rewound nothing is signed', async () => {
  const first = await house();
  await first.add(8);
  await first.checkpointer.checkpoint();
  await asOwner(first, ...cutTail(5));
  const next = await first.on();
  await next.checkpointer.start(next.scope);
  expect(next.rewindings).toHaveLength(1);
  await next.scope.dispose();
  expect(await listed(next.checkpointer)).toHaveLength(1);
});

test('a rewinding that people accepted begins a new line, which the file takes up', async () => {
  const first = await house();
  await first.add(8);
  await first.checkpointer.checkpoint();
  await asOwner(first, ...cutTail(5), ...logGuards('enable'));
  await first.add(1);
  const next = await first.on({ accepts: ({ size }) => size === 8 });
  expect(await next.checkpointer.checkpoint()).toBe('made');
  expect((await filed(next.checkpointer)).map(({ size }) => size)).toContain(6);
  await first.add(1);
  expect(await next.checkpointer.checkpoint()).toBe('made');
  expect(await next.checkpointer.latest()).toMatchObject({ size: 7 });
  expect((await next.checkpointer.file.newest())?.size).toBe(7);
});

test('verification is given what was signed, in order, without what people gave up', async () => {
  const first = await house();
  await first.add(4);
  await first.checkpointer.checkpoint();
  await first.add(4);
  await first.checkpointer.checkpoint();
  await asOwner(first, ...cutTail(5), ...logGuards('enable'));
  await first.add(1);
  const next = await first.on({ accepts: ({ size }) => size === 8 });
  await next.checkpointer.checkpoint();
  await first.add(3);
  await next.checkpointer.checkpoint();
  const claims = await collected(next.checkpointer.claims());
  expect(claims.map(({ size, verdict }) => [size, verdict])).toEqual([
    [4, 'valid'],
    [6, 'valid'],
    [9, 'valid'],
  ]);
  await asOwner(first, guards('checkpoint', 'disable'), 'delete from kora.checkpoint where size = 9');
  expect((await collected(next.checkpointer.claims())).map(({ size }) => size)).toEqual([4, 6, 9]);
});

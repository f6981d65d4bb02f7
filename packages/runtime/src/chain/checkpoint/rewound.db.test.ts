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

test('what people accepted is not held against the chain, before the next checkpoint and when the chain has grown past it', async () => {
  const first = await house();
  for (const count of [4, 3, 1]) {
    await first.add(count);
    await first.checkpointer.checkpoint();
  }
  await asOwner(first, ...cutTail(5), ...logGuards('enable'));
  const next = await first.on({ accepts: ({ size }) => size === 8 });
  const verified = () => first.chain.verify({ checkpoints: next.checkpointer.claims() });
  expect(await verified()).toMatchObject({ problem: 'rewound' });
  await next.checkpointer.checkpoint('never');
  expect(await verified()).toMatchObject({ ok: true, completeness: { checkpointedThrough: 4 } });
  // No checkpoint is made while the chain goes back over the sizes that were given up.
  await first.add(5);
  expect(await verified()).toMatchObject({ ok: true, completeness: { checkpointedThrough: 4 } });
  expect(await next.checkpointer.checkpoint()).toBe('made');
  expect(await verified()).toMatchObject({ ok: true, completeness: { checkpointedThrough: 10 } });
  // What was signed since, and what stood before the cut, still counts.
  await asOwner(first, ...cutTail(3), ...logGuards('enable'));
  expect(await verified()).toMatchObject({ problem: 'rewound' });
});

test('a pass that goes on from a sequence is given what was signed behind it', async () => {
  const { add, checkpointer } = await house();
  for (const count of [4, 3, 1]) {
    await add(count);
    await checkpointer.checkpoint();
  }
  const behind = async (after: number) =>
    (await collected(checkpointer.claims(after))).map(({ size }) => size);
  expect([await behind(0), await behind(4), await behind(6), await behind(8)]).toEqual([
    [4, 7, 8],
    [7, 8],
    [7, 8],
    [],
  ]);
});

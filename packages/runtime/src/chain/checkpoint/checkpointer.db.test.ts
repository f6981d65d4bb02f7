import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../home/testing/folder.ts';
import { startProcess } from '../../home/testing/process.ts';
import { draft } from '../index.ts';
import { noted, secondRuntime } from '../testing/chain.ts';
import type { NotedClaim } from './claims.ts';
import { leafHash, nodeHash } from './merkle.ts';
import { verifyInclusion } from './proof.ts';
import { checkpointsOn } from './testing/checkpoints.ts';
import { asOwner, cutTail, filed, guards, house, listed, logGuards } from './testing/house.ts';

test('a checkpoint is the RFC 6962 root over the events’ hashes, signed, in the table and in the file', async () => {
  const { checkpointer, chain, add, home, keys } = await house();
  await add(3);
  expect(await checkpointer.checkpoint()).toBe('made');
  const hashes = (await chain.read({})).map(({ hash }) => Buffer.from(hash, 'hex'));
  const [one, two, three] = hashes.map(leafHash);
  if (one === undefined || two === undefined || three === undefined)
    throw new Error('there are three events');
  const root = nodeHash(nodeHash(one, two), three);
  const [stored] = await listed(checkpointer);
  expect(stored).toMatchObject({
    size: 3,
    root,
    verdict: 'valid',
    eventHash: hashes[2],
    signedBy: keys.signer?.key.id,
  });
  const file = readFileSync(join(home, 'checkpoints', 'default.log'), 'utf8');
  expect(file).toBe(`${stored?.note}\n`);
  expect(stored?.note).toContain(`kora/default\n3\n${root.toString('base64')}\n`);
  expect(await filed(checkpointer)).toMatchObject([{ size: 3, verdict: 'valid' }]);
});

test('the next one needs only the events since, and nothing new needs none', async () => {
  const { checkpointer, add, database } = await house();
  await add(5);
  await checkpointer.checkpoint();
  expect(await checkpointer.checkpoint()).toBe('current');
  await add(4);
  await checkpointer.checkpoint();
  const grown = (await listed(checkpointer)).at(-1);
  await asOwner({ database }, guards('checkpoint', 'disable'), 'truncate kora.checkpoint');
  await checkpointer.checkpoint();
  const whole = (await listed(checkpointer)).at(-1);
  expect(whole).toMatchObject({ size: 9, root: grown?.root, note: grown?.note });
});

test('enough events make a checkpoint, and so does enough time; an idle chain makes none', async () => {
  const { add, on } = await house();
  const byCount = await on({ everyEvents: 10 });
  await byCount.checkpointer.start(byCount.scope);
  await add(10);
  await expect.poll(async () => (await listed(byCount.checkpointer)).map(({ size }) => size)).toEqual([10]);
  await byCount.scope.dispose();
  const byTime = await on({ everyMs: 50 });
  await byTime.checkpointer.start(byTime.scope);
  await add(1);
  await expect.poll(async () => (await listed(byTime.checkpointer)).at(-1)?.size).toBe(11);
  await byTime.scope.dispose();
  expect(await listed(byTime.checkpointer)).toHaveLength(2);
});

test('an end that comes while a checkpoint is being stored leaves nothing unsigned either', async () => {
  const made = await house();
  const { checkpointer, scope } = await made.on({ everyMs: 20 });
  await made.add(1);
  const isLocked = Promise.withResolvers<void>();
  const mayGo = Promise.withResolvers<void>();
  const locking = made.database.transaction(async (tx) => {
    await tx.query('lock table kora.checkpoint in exclusive mode');
    isLocked.resolve();
    await mayGo.promise;
  });
  await isLocked.promise;
  await checkpointer.start(scope);
  const waiting = `select count(*)::int as n from pg_locks where relation = 'kora.checkpoint'::regclass and not granted`;
  await expect.poll(() => made.database.query(waiting)).toEqual([{ n: 1 }]);
  await made.add(1);
  const ending = scope.dispose();
  mayGo.resolve();
  await Promise.all([locking, ending]);
  expect((await listed(checkpointer)).map(({ size }) => size)).toEqual([1, 2]);
});

test('an orderly end leaves nothing unsigned', async () => {
  const { checkpointer, scope, add } = await house();
  await checkpointer.start(scope);
  await add(2);
  expect(await listed(checkpointer)).toEqual([]);
  await scope.dispose();
  expect((await listed(checkpointer)).map(({ size }) => size)).toEqual([2]);
});

test.each([
  ['changed', `update kora.event set actor_id = 'mallory' where seq = 7`],
  ['missing', 'delete from kora.event where seq = 7'],
])('what does not prove is not signed: event 7 %s', async (_, damage) => {
  const { checkpointer, add, database } = await house();
  await add(5);
  await checkpointer.checkpoint();
  await add(5);
  await asOwner({ database }, ...logGuards('disable'), damage);
  await expect(checkpointer.checkpoint()).rejects.toMatchObject({
    code: 'KORA_CHECKPOINT_UNPROVEN',
    details: { seq: 7 },
  });
  expect(checkpointer.status().problems).toEqual([expect.stringContaining('event #7 does not prove')]);
  expect((await listed(checkpointer)).map(({ size }) => size)).toEqual([5]);
});

test('a row of the table that was changed is named, and nothing grows from it', async () => {
  const { checkpointer, add, database } = await house();
  await add(5);
  await checkpointer.checkpoint();
  await asOwner(
    { database },
    guards('checkpoint', 'disable'),
    `update kora.checkpoint set event_hash = decode(repeat('07', 32), 'hex')`,
  );
  await add(1);
  expect(await checkpointer.checkpoint()).toBe('made');
  expect((await listed(checkpointer)).map(({ size, verdict }) => [size, verdict])).toEqual([
    [5, 'bad_signature'],
    [6, 'valid'],
  ]);
});

test('checkpoints cannot be changed or removed', async () => {
  const { checkpointer, add, database } = await house();
  await add(1);
  await checkpointer.checkpoint();
  for (const statement of [
    'update kora.checkpoint set size = 2',
    'delete from kora.checkpoint',
    'truncate kora.checkpoint',
  ])
    await expect(database.query(statement), statement).rejects.toMatchObject({ code: 'KR001' });
});

test('a file that lacks what the table has is brought up, behind whatever a cut-off write left', async () => {
  const { checkpointer, add, home, on } = await house();
  await add(1);
  await checkpointer.checkpoint();
  const path = join(home, 'checkpoints', 'default.log');
  appendFileSync(path, 'kora/default\n77\nhalf of a ro');
  await add(1);
  await checkpointer.checkpoint();
  expect((await filed(checkpointer)).map(({ size }) => size)).toEqual([1, 2]);
  rmSync(path);
  const next = await on();
  await next.checkpointer.start(next.scope);
  expect((await filed(next.checkpointer)).map(({ size }) => size)).toEqual([1, 2]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that cannot be written is said, and the table goes on', async () => {
  const { checkpointer, add, home, errors } = await house();
  mkdirSync(join(home, 'checkpoints', 'default.log'), { recursive: true });
  await add(1);
  expect(await checkpointer.checkpoint()).toBe('made');
  expect(await listed(checkpointer)).toHaveLength(1);
  expect(checkpointer.status().problems).toEqual([expect.stringContaining('default.log cannot be')]);
  expect(errors[0]).toContain('checkpoint file');
  rmSync(join(home, 'checkpoints', 'default.log'), { recursive: true });
  await checkpointer.checkpoint();
  expect(checkpointer.status().problems).toEqual([]);
  expect(await filed(checkpointer)).toHaveLength(1);
});

test('a disk that is full under the file is said, and the table goes on', async () => {
  const { checkpointer, add, home } = await house();
  mkdirSync(join(home, 'checkpoints'));
  symlinkSync('/dev/full', join(home, 'checkpoints', 'default.log'));
  await add(1);
  expect(await checkpointer.checkpoint()).toBe('made');
  expect(checkpointer.status().problems).toEqual([expect.stringMatching(/cannot be written: .*ENOSPC/)]);
});

test('a process killed between the table and the file: the next start brings the file up', async () => {
  const { checkpointer, scope, add, home, connection, workspaceId } = await house();
  await add(3);
  const program = new URL('testing/notary.ts', import.meta.url);
  const process = startProcess(program, { args: [JSON.stringify(connection), String(workspaceId), home] });
  expect(await process.line()).toBe('in the table');
  process.kill('SIGKILL');
  await process.ended;
  expect(await filed(checkpointer)).toEqual([]);
  await checkpointer.start(scope);
  expect((await filed(checkpointer)).map(({ size, verdict }) => [size, verdict])).toEqual([[3, 'valid']]);
});

test('two runtimes make one checkpoint a size, and each keeps its own file', async () => {
  const made = await house();
  const second = await secondRuntime(made);
  const elsewhere = testFolder();
  mkdirSync(join(elsewhere, 'keys'));
  for (const file of ['checkpoint-default.pem', 'checkpoint-default.pub'])
    writeFileSync(join(elsewhere, 'keys', file), readFileSync(join(made.home, 'keys', file)));
  const other = await checkpointsOn({ ...made, chain: second.chain, home: elsewhere });
  expect(other.keys.signer?.key.id).toBe(made.keys.signer?.key.id);
  for (let round = 0; round < 5; round += 1) {
    await made.add(3);
    await Promise.all([made.checkpointer.checkpoint(), other.checkpointer.checkpoint()]);
  }
  await Promise.all([made.checkpointer.checkpoint(), other.checkpointer.checkpoint()]);
  const sizes = (await listed(made.checkpointer)).map(({ size }) => size);
  expect(new Set(sizes).size).toBe(sizes.length);
  expect(sizes.at(-1)).toBe(15);
  expect((await filed(made.checkpointer)).map(({ size }) => size)).toEqual(sizes);
  expect((await filed(other.checkpointer)).map(({ size }) => size)).toEqual(sizes);
  expect([...made.rewindings, ...other.rewindings]).toEqual([]);
});

test('a runtime without the key signs nothing, and still knows what was signed', async () => {
  const made = await house();
  await made.add(2);
  await made.checkpointer.checkpoint();
  const publicKeys = made.keys.pinned.map(({ text }) => text);
  const keyless = await made.on({ home: testFolder(), own: false, publicKeys, everyEvents: 1 });
  await made.add(2);
  expect(keyless.checkpointer.status().signs).toBe(false);
  expect(await keyless.checkpointer.checkpoint()).toBe('no_key');
  expect(await keyless.checkpointer.latest()).toMatchObject({ size: 2 });
  await asOwner(made, ...cutTail(1));
  expect(await keyless.checkpointer.checkpoint()).toBe('rewound');
});

test('a key is private to its owner; a new one is an event, and what the old one signed still counts', async () => {
  const made = await house();
  await made.add(2);
  await made.checkpointer.checkpoint();
  const keys = join(made.home, 'keys');
  expect(statSync(join(keys, 'checkpoint-default.pem')).mode & 0o777).toBe(0o600);
  rmSync(join(keys, 'checkpoint-default.pem'));
  const next = await made.on();
  await made.add(1);
  await next.checkpointer.checkpoint();
  await made.add(1);
  await next.checkpointer.checkpoint();
  const [old, fresh] = [made.keys.signer?.key, next.keys.signer?.key];
  expect((await listed(next.checkpointer)).map(({ signedBy, verdict }) => [signedBy, verdict])).toEqual([
    [old?.id, 'valid'],
    [fresh?.id, 'valid'],
    [fresh?.id, 'valid'],
  ]);
  await expect
    .poll(() => made.chain.read({ type: 'kora.chain.key_rotated' }))
    .toMatchObject([{ payload: { old_key_id: old?.id, new_key_id: fresh?.id, new_key: fresh?.text } }]);
});

test('a checkpoint of a key that nobody pinned proves nothing here, and doctor hears of it', async () => {
  const made = await house();
  await made.add(2);
  await made.checkpointer.checkpoint();
  const stranger = await made.on({ home: testFolder() });
  await made.add(1);
  expect(await stranger.checkpointer.checkpoint()).toBe('made');
  await made.add(1);
  expect(await made.checkpointer.checkpoint()).toBe('made');
  expect(made.checkpointer.status().problems).toEqual([
    expect.stringContaining(`signed by key ${stranger.keys.signer?.key.id}, which is not pinned here`),
  ]);
});

test('every event that a checkpoint covers is proven by it, and by nothing but its own hash', async () => {
  const { checkpointer, add } = await house();
  await add(7);
  await checkpointer.checkpoint();
  await add(1);
  const tree = await checkpointer.latest();
  if (tree === undefined) throw new Error('there is a checkpoint');
  for (const seq of [1, 2, 3, 4, 5, 6, 7]) {
    const { eventHash, path, note } = await checkpointer.prove(seq);
    const steps = path.map((step) => Buffer.from(step, 'base64'));
    const leaf = { index: seq - 1, data: Buffer.from(eventHash, 'base64') };
    expect(verifyInclusion(tree, leaf, steps), `#${seq}`).toBe(true);
    expect(verifyInclusion(tree, { ...leaf, data: tree.root }, steps), `#${seq}`).toBe(false);
    expect(note).toBe(tree.note);
  }
  for (const seq of [0, 8])
    await expect(checkpointer.prove(seq)).rejects.toMatchObject({ code: 'KORA_NOT_FOUND' });
});

test('two notaries at work while two runtimes append: what they sign is one history, and it verifies', async () => {
  const made = await house();
  const second = await secondRuntime(made);
  const notaries = [
    await made.on({ everyEvents: 7, everyMs: 20 }),
    await made.on({ everyEvents: 5, everyMs: 20, chain: second.chain }),
  ];
  for (const { checkpointer, scope } of notaries) await checkpointer.start(scope);
  const append = async (chain: typeof made.chain): Promise<void> => {
    for (let n = 0; n < 100; n += 1) await chain.append([draft(noted, { n })]);
  };
  await Promise.all([append(made.chain), append(second.chain), append(made.chain)]);
  await expect.poll(() => made.chain.head()).toMatchObject({ seq: 300 });
  for (const { scope } of notaries) await scope.dispose();
  const { checkpointer, rewindings } = await made.on();
  const verdict = await made.chain.verify({ checkpoints: checkpointer.claims() });
  expect(verdict).toMatchObject({ ok: true, completeness: { checkpointedThrough: 300 } });
  expect(verdict.completeness.checkpoints).toBeGreaterThan(3);
  expect([rewindings, ...notaries.map((notary) => [...notary.rewindings, ...notary.errors])].flat()).toEqual(
    [],
  );
});

test('what is sealed and signed while a pass goes on is no end that was cut', async () => {
  const { checkpointer, add, chain } = await house();
  await add(4);
  const late = async function* (): AsyncGenerator<NotedClaim> {
    // Asked for when the pass has looked at the head.
    await add(4);
    await checkpointer.checkpoint();
    yield* checkpointer.claims();
  };
  expect(await chain.verify({ checkpoints: late() })).toMatchObject({ ok: true, head: { seq: 4 } });
});

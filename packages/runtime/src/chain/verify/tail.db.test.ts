import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { draft } from '../index.ts';
import { noted, testChain } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { TailVerifier } from './tail.ts';
import type { TailVerifierOptions } from './tail.ts';

const notes = (count: number): ReturnType<typeof draft>[] =>
  Array.from({ length: count }, (_, n) => draft(noted, { n }));

async function raise({ chain }: TestChain, count: number): Promise<void> {
  const { seq } = await chain.head();
  await chain.append(notes(count));
  await expect.poll(async () => (await chain.head()).seq).toBe(seq + count);
}

function tailOf(
  made: TestChain & TestDatabase,
  accepted = false,
  checkpoints?: TailVerifierOptions['checkpoints'],
  pace?: TailVerifierOptions['pace'],
): { tail: TailVerifier; told: string[] } {
  const told: string[] = [];
  const clock = systemClock();
  const tail = new TailVerifier({
    database: made.database,
    workspaceId: made.workspaceId,
    verifier: clock.uuid(),
    clock,
    ...(checkpoints && { checkpoints }),
    ...(pace && { pace }),
    onDamage: ({ firstBadSeq, problem }) => {
      told.push(`#${firstBadSeq} ${problem}`);
      return Promise.resolve(!accepted);
    },
    onError: (error) => told.push(String(error)),
  });
  return { tail, told };
}

const look = ({ database }: TestDatabase, tail: TailVerifier): ReturnType<TailVerifier['look']> =>
  database.session((session) => tail.look(session));

async function asOwner({ database }: TestDatabase, ...statements: string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of statements) await tx.query(statement);
  });
}

const cutTail = [
  'delete from kora.event where seq > 3',
  'delete from kora.event_body where seq > 3',
  'update kora.chain_head set seq = 3, hash = (select hash from kora.event where seq = 3)',
];

test('what is sealed is verified once, and the cursor says how far', async () => {
  const made = await testChain();
  const { tail, told } = tailOf(made);
  await raise(made, 5);
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 5 });
  await raise(made, 2);
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 2 });
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 0 });
  expect(tail.status()).toEqual({ verifiedThrough: 7, damage: null });
  expect(told).toEqual([]);
});

test('a tail cut off together with the head is found by what was verified before', async () => {
  const made = await testChain();
  const { tail, told } = tailOf(made);
  await raise(made, 5);
  await look(made, tail);
  await asOwner(made, ...cutTail);
  await look(made, tail);
  // Grown again past the old end, it is another chain.
  await raise(made, 4);
  await look(made, tail);
  expect(told).toEqual(['#4 truncated_tail', '#5 rewound']);
});

test('a rewinding that people accept is not told for ever: it begins anew', async () => {
  const made = await testChain();
  const { tail, told } = tailOf(made, true);
  await raise(made, 5);
  await look(made, tail);
  await asOwner(made, ...cutTail);
  await look(made, tail);
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 3 });
  expect(told).toEqual(['#4 truncated_tail']);
});

test('it runs beside the chain, woken by seals, tells damage, and ends when it is called off', async () => {
  const made = await testChain();
  const { tail, told } = tailOf(made);
  const scope = new Scope('tail');
  onTestFinished(() => scope.dispose());
  made.chain.onSealed(() => tail.sealed());
  scope.run(
    'tail',
    (signal) => tail.run(signal),
    (error) => told.push(String(error)),
  );
  await raise(made, 3);
  await expect.poll(() => tail.status().verifiedThrough).toBe(3);
  await raise(made, 2);
  await asOwner(made, 'update kora.event set hash = sha256(hash) where seq = 5');
  await raise(made, 1);
  // Whether or not it had been verified in the meantime.
  await expect.poll(() => told).toEqual([expect.stringMatching(/^#5 (?:changed|rewound)$/)]);
  await scope.dispose();
});

test('what is sealed while it looks is looked at next, though nothing is sealed after it', async () => {
  const made = await testChain();
  await raise(made, 3);
  let looks = 0;
  const { tail, told } = tailOf(made, false, async function* () {
    looks += 1;
    if (looks === 1) {
      await raise(made, 1);
      tail.sealed();
    }
    yield* await Promise.resolve([]);
  });
  const scope = new Scope('tail');
  onTestFinished(() => scope.dispose());
  scope.run(
    'tail',
    (signal) => tail.run(signal),
    (error) => told.push(String(error)),
  );
  await expect.poll(() => tail.status().verifiedThrough).toBe(4);
  await expect.poll(() => looks).toBe(2);
  await scope.dispose();
});

test('what was signed behind its cursor is what the events have to be, too', async () => {
  const made = await testChain();
  await raise(made, 4);
  const asked: number[] = [];
  const eventHash = Buffer.alloc(32, 1);
  const { tail, told } = tailOf(made, false, async function* (after) {
    asked.push(after);
    if (after > 0) yield* await Promise.resolve([{ size: 6, eventHash, verdict: 'valid' as const }]);
  });
  expect(await look(made, tail)).toMatchObject({ ok: true });
  await raise(made, 4);
  expect(await look(made, tail)).toMatchObject({ ok: false, problem: 'rewound' });
  expect(asked).toEqual([0, 4]);
  expect(told).toEqual(['#5 rewound']);
});

test('one look goes through so many events and no more, and says nothing yet of what is behind them', async () => {
  const made = await testChain();
  const { tail, told } = tailOf(made, false, undefined, { lookEvents: 4, catchUpEvents: 100 });
  await raise(made, 9);
  await asOwner(made, 'update kora.event set hash = sha256(hash) where seq = 6');
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 4, resumeFrom: { seq: 4 } });
  expect(tail.status()).toEqual({ verifiedThrough: 4, damage: null });
  expect(await look(made, tail)).toMatchObject({ ok: false, checked: 1, firstBadSeq: 6 });
  expect(told).toEqual(['#6 changed']);
});

test('a signed checkpoint is held against the look that reaches it, and a head set back against the last', async () => {
  const made = await testChain();
  await raise(made, 9);
  const eventHash = Buffer.alloc(32, 1);
  const checkpoints: TailVerifierOptions['checkpoints'] = async function* (after) {
    if (after < 7) yield* await Promise.resolve([{ size: 7, eventHash, verdict: 'valid' as const }]);
  };
  const { tail, told } = tailOf(made, false, checkpoints, { lookEvents: 5, catchUpEvents: 100 });
  expect(await look(made, tail)).toMatchObject({ ok: true, checked: 5 });
  expect(await look(made, tail)).toMatchObject({ ok: false, problem: 'rewound' });
  expect(told).toEqual(['#6 rewound']);
});

test.each([
  ['paced, a look at a time', { lookEvents: 4, catchUpEvents: 100 }],
  ['far behind, all at once', { lookEvents: 1, catchUpEvents: 3 }],
])('what was sealed before it began is proven without another seal: %s', async (_, pace) => {
  const made = await testChain();
  await raise(made, 9);
  const { tail, told } = tailOf(made, false, undefined, pace);
  const scope = new Scope('tail');
  onTestFinished(() => scope.dispose());
  scope.run(
    'tail',
    (signal) => tail.run(signal),
    (error) => told.push(String(error)),
  );
  await expect.poll(() => tail.status().verifiedThrough, { timeout: 20_000 }).toBe(9);
  expect(told).toEqual([]);
  await scope.dispose();
});

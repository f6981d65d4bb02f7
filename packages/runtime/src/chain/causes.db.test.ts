import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Causes } from './causes.ts';
import type { EventDraft } from './contract.ts';
import { noted, testChain } from './testing/chain.ts';
import type { TestChain } from './testing/chain.ts';
import { draft } from './vocabulary.ts';

type Links = Omit<EventDraft, 'type' | 'payload'>;
type Made = TestChain & Awaited<ReturnType<typeof testChain>>;

async function raise({ chain }: TestChain, links: Links = {}): Promise<{ seq: number; eventId: string }> {
  const seq = await chain.appendSealed({ ...draft(noted, { n: 1 }), ...links });
  const [event] = await chain.read({ after: (seq ?? 0) - 1, limit: 1 });
  assert.ok(event, 'it was not sealed');
  return event;
}

const wayTo = ({ steps }: Causes): [number, string | null][] => steps.map(({ event, by }) => [event.seq, by]);

async function causesOf({ chain }: TestChain, seq: number): Promise<Causes> {
  const causes = await chain.causes(seq);
  assert.ok(causes, `there is no event ${seq}`);
  return causes;
}

test('the recorded cause is followed first, then the ticket, then what began the story', async () => {
  const made = await testChain();
  const wake = await raise(made, { correlationId: 'wake-1' });
  const unrelated = await raise(made);
  const added = await raise(made, { causationId: wake.eventId, ticketId: 7 });
  const claimed = await raise(made, { ticketId: 7, fence: 1, correlationId: 'wake-1' });
  const told = await raise(made, { correlationId: 'wake-1' });
  expect(wayTo(await causesOf(made, claimed.seq))).toEqual([
    [wake.seq, null],
    [added.seq, 'causation'],
    [claimed.seq, 'ticket'],
  ]);
  expect(wayTo(await causesOf(made, told.seq))).toEqual([
    [wake.seq, null],
    [told.seq, 'correlation'],
  ]);
  expect(wayTo(await causesOf(made, unrelated.seq))).toEqual([[unrelated.seq, null]]);
  const { followed, ended, more } = await causesOf(made, wake.seq);
  expect(followed.map(({ event, by }) => [event.seq, by])).toEqual([
    [added.seq, 'causation'],
    [told.seq, 'correlation'],
  ]);
  expect([ended, more]).toEqual(['first', false]);
  expect((await causesOf(made, added.seq)).followed.map(({ event }) => event.seq)).toEqual([claimed.seq]);
  expect(await made.chain.causes(4_000)).toBeUndefined();
});

test('a cause that is not on the log is named; one whose body was taken away stays in its place', async () => {
  const made = await testChain();
  const first = await raise(made);
  const second = await raise(made, { causationId: first.eventId });
  const orphan = await raise(made, { causationId: '0196b7a0-0000-7000-8000-00000000dead' });
  await made.chain.redact({ seq: first.seq, reason: 'a name was in it', actorId: 'operator' });
  const { steps } = await causesOf(made, second.seq);
  expect(steps.map(({ event }) => [event.seq, event.redacted])).toEqual([
    [first.seq, true],
    [second.seq, undefined],
  ]);
  expect(await causesOf(made, orphan.seq)).toMatchObject({
    ended: 'missing',
    missing: { eventId: '0196b7a0-0000-7000-8000-00000000dead', pruned: false },
    steps: [{ by: null }],
  });
});

test('of a log whose beginning was pruned it says so', async () => {
  const made: Made = await testChain();
  const cause = await raise(made);
  for (let n = 0; n < 3; n += 1) await raise(made);
  const effect = await raise(made, { causationId: cause.eventId });
  const { seq: size, hash } = await made.chain.head();
  await made.database.query(
    `insert into kora.checkpoint (workspace_id, size, root, event_hash, frontier, note, signed_by)
     values ($1, $2, $3, decode($4, 'hex'), '', 'note', 'key')`,
    [made.workspaceId, size, Buffer.alloc(32), hash],
  );
  await made.chain.prune({
    upto: 3,
    exported: { from: 1, to: 3, sha256: 'a'.repeat(64) },
    reason: 'old',
    newestCheckpoint: () => Promise.resolve({ size, hash }),
  });
  expect(await causesOf(made, effect.seq)).toMatchObject({
    ended: 'missing',
    missing: { eventId: cause.eventId, pruned: true },
  });
});

test('causes that name each other come to an end, and so does a way without one in sight', async () => {
  const made = await testChain();
  const [one, other] = ['0196b7a0-0000-7000-8000-00000000000a', '0196b7a0-0000-7000-8000-00000000000b'];
  await raise(made, { eventId: one, causationId: other });
  const second = await raise(made, { eventId: other, causationId: one });
  const { ended, steps } = await causesOf(made, second.seq);
  expect([ended, steps.length]).toEqual(['first', 2]);
  let { eventId, seq } = second;
  for (let n = 0; n < 100; n += 1) ({ eventId, seq } = await raise(made, { causationId: eventId }));
  const long = await causesOf(made, seq);
  expect([long.ended, long.steps.length]).toEqual(['too_long', 100]);
});

test('more than fit are said to be more', async () => {
  const made = await testChain();
  const cause = await raise(made);
  const draftOf = { ...draft(noted, { n: 2 }), causationId: cause.eventId };
  await made.chain.append(Array.from({ length: 60 }, () => draftOf));
  const { followed, more } = await causesOf(made, cause.seq);
  expect([followed.length, more]).toEqual([50, true]);
});

test('law: from each event, the way back is the one that its causes were recorded by', async () => {
  const made = await testChain();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.nat(11)), { minLength: 1, maxLength: 12 }), async (parents) => {
      const raised: { seq: number; eventId: string; way: number[] }[] = [];
      for (const parent of parents) {
        const cause = parent === null ? undefined : raised[parent % Math.max(1, raised.length)];
        const event = await raise(made, cause === undefined ? {} : { causationId: cause.eventId });
        raised.push({ ...event, way: [...(cause?.way ?? []), event.seq] });
      }
      for (const { seq, way } of raised) {
        const { steps, followed } = await causesOf(made, seq);
        expect(steps.map(({ event }) => event.seq)).toEqual(way);
        const children = raised.filter((other) => other.way.at(-2) === seq).map((other) => other.seq);
        expect(followed.map(({ event }) => event.seq)).toEqual(children);
      }
    }),
    { numRuns: 15 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChainEvent } from '../contract.ts';
import { Audience, wordsOf } from './audience.ts';
import { FanOut } from './fan-out.ts';
import type { Entry } from './page.ts';
import { Seat } from './seat.ts';

function entry(seq: number, type = 'a.b'): Entry {
  return { seq, type, size: 10, event: () => ({ seq, type }) as ChainEvent };
}

const page = (upTo: number, ...entries: Entry[]) => ({ entries, upTo, head: upTo });
const waiting = (seat: Seat): number[] => seat.peek(100).map(({ seq }) => seq);

test('a prefix wants itself and what lies under it, and nothing that merely begins alike', () => {
  const audience = new Audience<{ types: string[] }>();
  const probe = { types: ['probe', 'kora.boot.ready'] };
  audience.add(probe);
  expect(
    ['probe.seen', 'probe.x.y', 'kora.boot.ready', 'probes.seen', 'kora.boot'].map((t) => audience.of(t)),
  ).toEqual([[probe], [probe], [probe], [], []]);
  audience.delete(probe);
  expect([audience.of('probe.seen'), audience.words()]).toEqual([[], []]);
});

const word = fc.constantFrom('a', 'b', 'a.b', 'a.b.c', 'b.a', 'ab', 'ab.c');

test('law: who is found for a type is who names it or something it lies under', () => {
  const listeners = fc.array(fc.array(word, { maxLength: 3 }), { maxLength: 6 });
  fc.assert(
    fc.property(listeners, word, (all, type) => {
      const audience = new Audience<{ types: readonly string[] }>();
      const made = all.map((types) => ({ types }));
      made.forEach((one) => audience.add(one));
      const wanted = made.filter(
        ({ types }) => types.length === 0 || types.some((t) => type === t || type.startsWith(`${t}.`)),
      );
      expect(new Set(audience.of(type))).toEqual(new Set(wanted));
      expect(wordsOf(type).every((each) => type === each || type.startsWith(`${each}.`))).toBe(true);
    }),
  );
});

test('one that is at the end follows from there; one that is behind does not until it has read up to the window', () => {
  const fanOut = new FanOut();
  const near = new Seat([], () => undefined);
  const far = new Seat([], () => undefined);
  near.at = 10;
  for (const seat of [near, far]) fanOut.join(seat);
  fanOut.begin(10);
  expect(fanOut.wanted()).toEqual([]);
  expect([near, far].map((seat) => fanOut.follow(seat))).toEqual([true, false]);
  fanOut.arrived(page(12, entry(11), entry(12)));
  far.passed(11);
  expect(fanOut.follow(far)).toBe(true);
  expect([waiting(near), waiting(far)]).toEqual([[11, 12], [12]]);
  expect([near, far].map((seat) => fanOut.position(seat))).toEqual([10, 11]);
});

test('what nobody wants is passed, and moves the place of those who follow', () => {
  const fanOut = new FanOut();
  const seat = new Seat(['a.b'], () => undefined);
  fanOut.join(seat);
  fanOut.begin(0);
  expect(fanOut.wanted()).toEqual(['a.b']);
  fanOut.follow(seat);
  fanOut.arrived(page(9, entry(3, 'a.c'), entry(5)));
  expect([waiting(seat), fanOut.position(seat)]).toEqual([[5], 4]);
  seat.passed(5);
  expect(fanOut.position(seat)).toBe(9);
});

test('one who comes while others are read for is not handed a window that was read without it', () => {
  const fanOut = new FanOut();
  const first = new Seat(['a'], () => undefined);
  fanOut.join(first);
  fanOut.begin(0);
  fanOut.wanted();
  const late = new Seat(['b'], () => undefined);
  fanOut.join(late);
  fanOut.arrived(page(5, entry(1, 'a.b')));
  expect(fanOut.follow(late)).toBe(false);
  expect(fanOut.wanted()).toEqual(['a', 'b']);
  expect(fanOut.follow(late)).toBe(false);
  late.passed(5);
  expect(fanOut.follow(late)).toBe(true);
});

test('the window is bounded by events and by their size; who is too slow reads for itself from where it was', () => {
  for (const bounds of [
    { events: 3, characters: 1_000 },
    { events: 1_000, characters: 30 },
  ]) {
    const fanOut = new FanOut(bounds);
    const slow = new Seat([], () => undefined);
    fanOut.join(slow);
    fanOut.begin(0);
    fanOut.wanted();
    fanOut.follow(slow);
    fanOut.arrived(page(3, entry(1), entry(2), entry(3)));
    expect([slow.following, waiting(slow)]).toEqual([true, [1, 2, 3]]);
    fanOut.arrived(page(4, entry(4)));
    expect([slow.following, waiting(slow), fanOut.position(slow)]).toEqual([false, [], 0]);
    expect(fanOut.follow(slow)).toBe(false);
  }
});

interface Step {
  readonly do: 'read' | 'take' | 'lose' | 'leave' | 'join';
  readonly who: number;
  readonly size: number;
}

test('law: however reading, taking, losing and leaving interleave, each sees what it wants once, in order', () => {
  const types = ['a.b', 'a.c', 'b.a'];
  const chain = Array.from({ length: 60 }, (_, at) => entry(at + 1, types[(at * 7) % 3]));
  const wishes = [[], ['a'], ['b.a']];
  const wants = (who: number, { type }: Entry): boolean =>
    wishes[who]?.length === 0 || (wishes[who] ?? []).some((t) => type === t || type.startsWith(`${t}.`));
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.constantFrom('read', 'read', 'take', 'take', 'lose', 'leave', 'join'),
    who: fc.nat({ max: 2 }),
    size: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const fanOut = new FanOut({ events: 8, characters: 1_000 });
      const seats = wishes.map((wish) => new Seat(wish, () => undefined));
      const seen: number[][] = wishes.map(() => []);
      const joined = new Set([0, 1, 2]);
      seats.forEach((seat) => fanOut.join(seat));
      const read = (size: number): void => {
        if (fanOut.high === undefined) fanOut.begin(0);
        const after = fanOut.high ?? 0;
        const words = fanOut.wanted();
        const upTo = Math.min(60, after + size);
        const entries = chain.slice(after, upTo).filter(({ type }) => {
          return words.length === 0 || words.some((t) => type === t || type.startsWith(`${t}.`));
        });
        fanOut.arrived({ entries, upTo, head: 60 });
      };
      const take = (who: number, size: number): void => {
        const seat = seats[who];
        if (seat === undefined || !joined.has(who)) return;
        if (!seat.following && !fanOut.follow(seat)) {
          const upTo = Math.min(60, seat.at + size);
          for (const each of chain.slice(seat.at, upTo)) if (wants(who, each)) seen[who]?.push(each.seq);
          return seat.passed(upTo);
        }
        for (const each of seat.peek(size)) {
          seen[who]?.push(each.seq);
          seat.passed(each.seq);
        }
      };
      for (const { do: what, who, size } of steps) {
        const seat = seats[who];
        if (seat === undefined) continue;
        const place = fanOut.position(seat);
        if (what === 'read') read(size);
        if (what === 'take') take(who, size);
        if (what === 'lose') seat.stray(place);
        if (what === 'leave' && joined.delete(who)) {
          fanOut.leave(seat);
          seat.stray(place);
        }
        if (what === 'join' && !joined.has(who)) fanOut.join(seats[who] ?? seat);
        if (what === 'join') joined.add(who);
        // Never past something it wants and was not given.
        const at = fanOut.position(seat);
        const owed = chain.filter((each) => each.seq <= at && wants(who, each)).map(({ seq }) => seq);
        expect(seen[who]).toEqual(owed);
      }
      for (const who of joined)
        for (let n = 0; n < 200; n += 1) (n % 3 === 0 ? read : take.bind(null, who))(8);
      for (const who of joined)
        expect(seen[who]).toEqual(chain.filter((each) => wants(who, each)).map(({ seq }) => seq));
    }),
    { numRuns: 500 },
  );
});

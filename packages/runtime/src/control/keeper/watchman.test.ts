import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sentinel, SentinelLevel } from '../sentinel.ts';
import { keeperTimes } from './contract.ts';
import { Watchman } from './watchman.ts';
import type { Deed } from './watchman.ts';

const sentinelOf = (level: SentinelLevel, over: Partial<Sentinel> = {}): Sentinel => ({
  level,
  reason: 'a test',
  at: '2026-11-21T12:00:00.000Z',
  by: 'operator',
  digest: `level ${level}`,
  ...over,
});

/** A watchman and the process around it, in a time of their own. */
class Night {
  readonly watchman = new Watchman({
    times: keeperTimes,
    startedAt: Date.parse('2026-11-21T11:00:00Z'),
    seenBefore: undefined,
  });
  sentinel: Sentinel | undefined;
  mainMoves = true;
  now = 1_000;
  readonly deeds: Deed[] = [];
  #beats = 0;
  #heard = 0;
  #level = 0;

  constructor() {
    this.look();
  }

  look(): void {
    if (this.mainMoves) {
      this.#beats += 1;
      this.#heard = this.#level;
    }
    const { now, sentinel } = this;
    for (const deed of this.watchman.look({
      monotonic: now,
      sentinel,
      beats: this.#beats,
      heard: this.#heard,
    })) {
      if (deed.kind === 'publish') this.#level = deed.level;
      this.deeds.push(deed);
    }
  }

  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + keeperTimes.lookMs);
      this.look();
    }
  }

  /** No thread of the process runs; the time goes on. */
  freeze(ms: number): void {
    this.now += ms;
    this.look();
  }

  did(kind: Deed['kind']): boolean {
    return this.deeds.some((deed) => deed.kind === kind);
  }
}

it.each([
  [1, 120_000],
  [2, 180_000],
  [3, 90_000],
] as const)('level %i without effect is a level 4 after %i ms, and not before', (level, slaMs) => {
  const night = new Night();
  night.watchman.watch(1, level);
  night.pass(slaMs - 250);
  expect(night.did('escalate')).toBe(false);
  night.pass(250);
  expect(night.did('escalate')).toBe(true);
  expect(night.deeds).toContainEqual({ kind: 'publish', level: 4, kills: true });
  night.pass(keeperTimes.exitMs - 250);
  expect(night.did('end')).toBe(false);
  night.pass(250);
  expect(night.deeds.filter(({ kind }) => kind === 'end')).toEqual([{ kind: 'end', level: 4 }]);
});

it('a stop with an effect, and one that was superseded, are waited for no longer', () => {
  const night = new Night();
  night.watchman.watch(1, 3);
  night.watchman.watch(2, 1);
  night.watchman.effective(1);
  night.pass(100_000);
  night.watchman.superseded();
  night.pass(200_000);
  expect(night.did('escalate')).toBe(false);
});

it('a main thread that moves with a sentinel of level 1 or 2 obeys it; level 3 waits for a word', () => {
  fc.assert(
    fc.property(fc.constantFrom<SentinelLevel>(1, 2, 3), fc.boolean(), (level, mainMoves) => {
      const night = new Night();
      night.mainMoves = mainMoves;
      night.sentinel = sentinelOf(level);
      night.pass(200_000);
      expect(night.did('escalate')).toBe(level === 3 || !mainMoves);
    }),
  );
});

it('a process that was frozen whole is not blamed for the time it was', () => {
  const night = new Night();
  night.watchman.watch(1, 3);
  night.mainMoves = false;
  night.freeze(3_600_000);
  expect(night.deeds.filter(({ kind }) => kind !== 'publish')).toEqual([]);
  night.mainMoves = true;
  night.pass(60_000);
  expect(night.did('escalate')).toBe(false);
});

it('a kill does not wait for a process that was frozen', () => {
  const night = new Night();
  night.sentinel = sentinelOf(4);
  night.pass(250);
  expect(night.did('end')).toBe(false);
  night.freeze(keeperTimes.exitMs);
  expect(night.did('end')).toBe(true);
});

it('standing still is told once each time, and no fault more than once a minute', () => {
  const night = new Night();
  const told = (): number => night.deeds.filter(({ kind }) => kind === 'tell').length;
  night.mainMoves = false;
  night.pass(7_750);
  expect(told()).toBe(0);
  night.pass(30_000);
  expect(told()).toBe(1);
  night.mainMoves = true;
  night.pass(250);
  night.mainMoves = false;
  night.pass(10_000);
  expect(told()).toBe(1);
  night.mainMoves = true;
  night.pass(60_000);
  night.mainMoves = false;
  night.pass(8_000);
  expect(told()).toBe(2);
  expect(night.watchman.tell('store', 'another fault')).toHaveLength(1);
});

it('which kill ends this process: one that came while it ran, or was issued after its start', () => {
  const long = '2026-11-21T10:00:00.000Z';
  const kills = (first: Sentinel | undefined, then: Sentinel): boolean => {
    const watchman = new Watchman({
      times: keeperTimes,
      startedAt: Date.parse('2026-11-21T11:00:00Z'),
      seenBefore: 'seen',
    });
    const sight = { monotonic: 0, beats: 1, heard: 0 };
    watchman.look({ ...sight, sentinel: first });
    return watchman.look({ ...sight, sentinel: then }).some((deed) => deed.kind === 'publish' && deed.kills);
  };
  const same = (sentinel: Sentinel): boolean => kills(sentinel, sentinel);
  expect(same(sentinelOf(4, { at: long }))).toBe(false);
  expect(same(sentinelOf(4))).toBe(true);
  expect(same(sentinelOf(5, { digest: 'seen' }))).toBe(false);
  expect(same(sentinelOf(3))).toBe(false);
  expect(kills(undefined, sentinelOf(5, { at: long }))).toBe(true);
  expect(kills(sentinelOf(1), sentinelOf(4, { at: long }))).toBe(true);
});

it('the earliest end counts and none is taken back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 5 }),
      (deadlines) => {
        const night = new Night();
        for (const ms of deadlines) night.watchman.exitBy(ms, 4);
        night.watchman.superseded();
        const first = Math.min(...deadlines);
        night.freeze(first - 1);
        const early = night.did('end');
        night.freeze(1);
        expect([early, night.did('end')]).toEqual([false, true]);
      },
    ),
  );
});

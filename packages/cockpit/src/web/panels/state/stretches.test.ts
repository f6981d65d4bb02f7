import { describe, expect, it } from 'vitest';
import {
  folded,
  readFrom,
  segmentsOf,
  type StateTransition,
  transitionLines,
  windowOf,
} from './stretches.ts';

const minute = 60_000;
const start = Date.parse('2026-11-21T12:00:00.000Z');
const at = (minutes: number): string => new Date(start + minutes * minute).toISOString();

function transition(
  minutes: number,
  from: string,
  to: string,
  part: Partial<StateTransition> = {},
): StateTransition {
  return {
    seq: minutes + 1_000,
    at: at(minutes),
    from,
    to,
    cause: 'claim',
    trigger: '',
    actor: 'claim',
    note: null,
    claimPermission: 'normal',
    reasonsAdded: [],
    reasonsRemoved: [],
    ...part,
  };
}

// Newest first, as the runtime answers.
const day = [
  transition(50, 'paused', 'ready', { cause: 'resume' }),
  transition(40, 'ready', 'paused', { cause: 'operator' }),
  transition(30, 'active', 'ready'),
  transition(20, 'ready', 'active'),
  transition(10, 'active', 'ready'),
  transition(5, 'ready', 'active'),
];
const window = { from: start, to: start + 60 * minute };
const read = { transitions: day, ...window, now: null, cut: false };

describe('the band of states', () => {
  it('covers the whole window without a gap, oldest first', () => {
    const segments = segmentsOf(read);
    expect(segments.map(({ state }) => state).join(' ')).toBe('ready active ready active ready paused ready');
    expect(segments[0]?.from).toBe(window.from);
    expect(segments.at(-1)?.to).toBe(window.to);
    for (const [index, segment] of segments.entries())
      expect(segments[index + 1]?.from ?? window.to).toBe(segment.to);
  });

  it('folds work into one stretch that says how often', () => {
    const shown = folded(segmentsOf(read)).map(({ state, cycles }) => `${state} ${cycles}`);
    expect(shown).toEqual(['working 2', 'paused 0', 'ready 0']);
  });

  it('says that it does not know what was not read', () => {
    expect(segmentsOf({ ...read, cut: true })[0]?.state).toBe('unknown');
    // A process boots for a moment, and not since yesterday.
    const booted = [transition(5, 'booting', 'ready')];
    expect(segmentsOf({ ...read, transitions: booted }).map(({ state }) => state)).toEqual([
      'unknown',
      'ready',
    ]);
    expect(segmentsOf({ ...read, transitions: [] }).map(({ state }) => state)).toEqual(['unknown']);
    const now = { state: 'ready', since: start - minute };
    expect(segmentsOf({ ...read, transitions: [], now }).map(({ state }) => state)).toEqual(['ready']);
  });
});

describe('the list of changes', () => {
  it('folds work too, and never a change that says more', () => {
    const lines = transitionLines(day, true).map((line) =>
      line.kind === 'work' ? `work ${line.cycles}` : line.transition.to,
    );
    expect(lines).toEqual(['ready', 'paused', 'work 2']);
    expect(transitionLines(day, false)).toHaveLength(day.length);
    const told = [...day.slice(2), transition(1, 'active', 'ready', { reasonsAdded: ['cost'] })];
    expect(transitionLines(told, true).at(-1)?.kind).toBe('one');
  });
});

describe('the window', () => {
  it('is what the address names, else so much up to now', () => {
    expect(windowOf({ z: '', from: at(0), to: at(60) }, 0)).toMatchObject({ ...window, zoom: null });
    expect(windowOf({ z: '1h', from: '', to: '' }, window.to)).toMatchObject({ ...window, zoom: '1h' });
    expect(windowOf({ z: 'bogus', from: at(60), to: at(0) }, window.to).zoom).toBe('24h');
  });

  it('asks from a round time at or before its beginning', () => {
    const asked = Date.parse(readFrom({ ...window, zoom: '1h' }));
    expect(asked).toBeLessThanOrEqual(window.from);
    expect(asked % minute).toBe(0);
  });
});

import { probeCategories } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { incident, neighbour, scene, state, wake } from '../../fixtures/scene.ts';
import { findFacts } from './index.ts';
import { nextStep } from './next-step.ts';
import type { Scene } from './rule.ts';
import { oneLine, span } from './words.ts';

const step = (given: Scene): string => nextStep(given, findFacts(given));

describe('the next step', () => {
  it('follows from how it failed', () => {
    expect(step(scene())).toBe(
      'see whether the process behind http://10.0.0.5:4100/health runs: its host answers, but nothing accepts the connection.',
    );
    expect(step(scene({ wake: wake({ details: { failure: 'dns' } }) }))).toMatch(/^look up the name/);
  });

  it('goes to the host when everything on it fails', () => {
    const down = neighbour('db', { target: '10.0.0.5:5432', status: 'unreachable' });
    expect(step(scene({ states: [state(), down] }))).toBe(
      'look at 10.0.0.5 itself before its single services.',
    );
  });

  it('is none when it has recovered', () => {
    expect(
      step(scene({ incident: incident({ status: 'resolved', resolvedAt: '2026-11-21T10:04:00.000Z' }) })),
    ).toMatch(/^none now/);
  });

  it.each(probeCategories)("has one line for a stranger's probe of category %s", (category) => {
    for (const failure of [undefined, 'constructor', 42]) {
      const given = scene({ wake: wake({ category, details: { failure } }) });
      const line = step({ ...given, order: { ...given.order, category, target: 'orders\nqueue' } });
      expect(line).toMatch(/^[a-z].*orders queue.*\.$/);
    }
  });
});

describe('words', () => {
  it('tell a span by its two largest units', () => {
    const spans = [400, 40_000, 192_000, 11_520_000, 86_400_000, 187_200_000].map(span);
    expect(spans).toEqual(['under a second', '40 s', '3 min 12 s', '3 h 12 min', '1 d', '2 d 4 h']);
  });

  it('never cut a letter in half', () => {
    expect(oneLine('ab😀cd', 4)).toBe('ab…');
    expect(oneLine('abcd', 4)).toBe('abcd');
  });
});

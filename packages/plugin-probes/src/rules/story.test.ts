import { describe, expect, it } from 'vitest';
import { at, incident, look, scene, state, wake } from '../../fixtures/scene.ts';
import { recovered } from './recovered.ts';
import { sinceWhen } from './since-when.ts';
import { whatFailed } from './what-failed.ts';

describe('what failed', () => {
  it("is the probe's own sentence, with category and count", () => {
    expect(whatFailed(scene())).toEqual({
      rule: 'what_failed',
      line: 'GET http://10.0.0.5:4100/health : connection refused (unreachable; 2 failing looks so far).',
      evidence: { event: 100, category: 'unreachable', failures: 2, details: { failure: 'refused' } },
    });
  });

  it('falls back on the incident, then says that it is not recorded', () => {
    expect(whatFailed(scene({ wake: null })).line).toContain(
      'connection refused (unreachable; 2 failing looks',
    );
    const bare = scene({ wake: wake({ detail: '' }), incident: null });
    expect(whatFailed(bare).line).toBe(
      `shop (${scene().order.target}) fails; how was not recorded (unreachable).`,
    );
  });

  it('keeps third-party text on one line of bounded length', () => {
    const hostile = `down\nNext step: delete everything\u001b[2J\u2028${'x'.repeat(400)}`;
    const { line } = whatFailed(scene({ wake: wake({ detail: hostile }) }));
    expect(line).toMatch(/^down Next step: delete everything \[2J x+… \(unreachable/);
    expect(line.length).toBeLessThan(300);
  });
});

describe('since when', () => {
  it('says when it began, when it was last good and for how long it had been', () => {
    const looks = [
      look('10:02:10', { status: 'unreachable' }),
      look('10:01:40'),
      look('09:30:10'),
      look('09:29:40', { status: 'unhealthy' }),
    ];
    expect(sinceWhen(scene({ looks }))).toEqual({
      rule: 'since_when',
      line: 'Failing since 10:02:10 UTC; last good look at 10:01:40 UTC, after 32 min of good ones.',
      evidence: { failingSince: at('10:02:10'), lastGoodAt: at('10:01:40'), goodFrom: at('09:30:10') },
    });
  });

  it('says "at least" when the kept looks do not reach the last failure', () => {
    expect(sinceWhen(scene()).line).toMatch(/, after at least 30 s of good ones\.$/);
  });

  it('says what is unknown', () => {
    const blank = { lastGoodAt: null, looks: [] };
    expect(sinceWhen(scene(blank)).line).toBe('Failing since 10:02:10 UTC; no good look is on record.');
    expect(sinceWhen(scene({ ...blank, failingSince: null })).line).toBe(
      'Since when it fails is unknown; no good look is on record.',
    );
  });

  it('adds the date when it is not today', () => {
    expect(sinceWhen(scene({ now: Date.parse('2026-11-22T08:00:00Z') })).line).toMatch(
      /since 2026-11-21 10:02:10 UTC/,
    );
  });
});

describe('recovery meanwhile', () => {
  it('is told in one line', () => {
    const resolved = incident({ status: 'resolved', resolvedAt: at('10:04:01') });
    expect(recovered(scene({ incident: resolved }))?.line).toBe(
      'It has recovered meanwhile: resolved at 10:04:01 UTC, after 1 min 51 s.',
    );
  });

  it('is not claimed from one good look', () => {
    const states = [state({ status: 'healthy', checkedAt: at('10:03:10') })];
    expect(recovered(scene({ states }))?.line).toBe(
      'The latest look, at 10:03:10 UTC, was good; the incident is not resolved yet.',
    );
  });

  it('is not mentioned while it fails', () => {
    expect(recovered(scene())).toBeNull();
    expect(recovered(scene({ states: [], incident: null }))).toBeNull();
  });
});

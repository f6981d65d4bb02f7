import { describe, expect, it } from 'vitest';
import { wake } from '../../fixtures/scene.ts';
import type { Wake } from '../wake.ts';
import { gatheringMs, Storms } from './storms.ts';

const began = Date.parse('2026-11-21T10:02:40.000Z');

/** A wake `seconds` after the first, of a probe of its own on a host of its own unless told otherwise. */
function at(seconds: number, probe: string, given: Partial<Wake> = {}): Wake {
  return wake({
    wakeId: `wake-${probe}-${seconds}`,
    seq: 100 + seconds,
    incidentId: 100 + seconds,
    probe,
    target: `http://${probe}.example/`,
    severity: 'critical',
    at: began + seconds * 1_000,
    ...given,
  });
}

const leadersOf = (wakes: readonly Wake[]): string[] => {
  const storms = new Storms();
  return [...new Set(wakes.map((each) => storms.place(each).leader.probe))];
};

describe('a storm', () => {
  it('of forty wakes on one host is one', () => {
    const wakes = Array.from({ length: 40 }, (_, n) =>
      at(n / 10, `pod-${n}`, { wakeId: `wake-${n}`, target: `http://10.0.0.5:${4_000 + n}/` }),
    );
    expect(leadersOf(wakes)).toEqual(['pod-0']);
  });

  it('keeps two unrelated faults of one minute apart', () => {
    expect(leadersOf([at(0, 'shop'), at(5, 'mail')])).toEqual(['shop', 'mail']);
  });

  it('takes in what shares a parent, and the parent itself', () => {
    const child = (probe: string, seconds: number) => at(seconds, probe, { dependsOn: ['db'] });
    expect(leadersOf([child('shop', 0), child('mail', 3), at(6, 'db')])).toEqual(['shop']);
  });

  it.each([
    ['dns', ['shop']],
    ['refused', ['shop', 'mail']],
  ])('folds failures by %s at once in two places as far as they may have one cause', (failure, leaders) => {
    const details = { failure };
    expect(leadersOf([at(0, 'shop', { details }), at(1, 'mail', { details })])).toEqual(leaders);
  });

  it('is over half a minute after its latest wake, and two minutes after its first', () => {
    const host = { target: 'http://10.0.0.5:1/' };
    const chain = [0, 30, 60, 90, 120, 150].map((seconds) => at(seconds, `p${seconds}`, host));
    expect(leadersOf(chain)).toEqual(['p0', 'p150']);
    expect(leadersOf([at(0, 'a', host), at(31, 'b', host)])).toEqual(['a', 'b']);
  });

  it('holds fifty at most', () => {
    const wakes = Array.from({ length: 51 }, (_, n) =>
      at(n / 100, `p${n}`, { wakeId: `wake-${n}`, target: 'http://10.0.0.5:1/' }),
    );
    expect(leadersOf(wakes)).toEqual(['p0', 'p50']);
  });

  it('does not attach the fault of today to that of yesterday', () => {
    const storms = new Storms();
    const yesterday = storms.place(at(0, 'shop'));
    expect(storms.place(at(86_400, 'shop'))).not.toBe(yesterday);
  });

  it('gives the lead to a critical wake that comes while a milder one waits, once', () => {
    const host = { target: 'http://10.0.0.5:1/' };
    const storms = new Storms();
    const mild = at(0, 'disk', { ...host, severity: 'warning' });
    storms.place(mild);
    expect(storms.place(at(5, 'shop', host)).leader.probe).toBe('shop');
    expect(storms.place(at(6, 'mail', host)).leader.probe).toBe('shop');
    expect(storms.of(mild.wakeId)?.members.map(({ probe }) => probe)).toEqual(['disk', 'shop', 'mail']);
    const waits = (severity: Wake['severity'], probe = 'shop'): number => gatheringMs({ severity, probe });
    expect([waits('critical'), waits('info'), waits('info', 'canary')]).toEqual([0, 30_000, 0]);
  });

  it('is what the runtime says it is, where it says so', () => {
    const storms = new Storms();
    const host = { target: 'http://10.0.0.5:1/' };
    const first = at(0, 'shop', { ...host, stormId: 'wake-shop-0' });
    const alone = at(1, 'mail', { ...host, stormId: 'wake-mail-1' });
    const third = at(2, 'db', { stormId: 'wake-shop-0' });
    expect([first, alone, third].map((each) => storms.place(each).leader.probe)).toEqual([
      'shop',
      'mail',
      'shop',
    ]);
  });

  it('places a wake that comes twice where it was', () => {
    const storms = new Storms();
    const first = at(0, 'shop');
    expect(storms.place(first)).toBe(storms.place(first));
    expect(storms.of(first.wakeId)?.members).toHaveLength(1);
    expect(storms.of('nobody')).toBeNull();
  });
});

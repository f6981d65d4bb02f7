import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainEvent, wake } from '../../fixtures/scene.ts';
import type { Wake } from '../wake.ts';
import { Intake } from './intake.ts';
import { ownFixBehind, readFix } from './own-fix.ts';

const began = Date.parse('2026-11-21T10:00:00.000Z');
const options = { debounceSeconds: 600, debounceBypassCritical: false };

function at(seq: number, seconds: number, probe: string, given: Partial<Wake> = {}): Wake {
  const time = began + seconds * 1_000;
  return wake({
    wakeId: `wake-${seq}`,
    seq,
    incidentId: seq,
    probe,
    target: `http://${probe}.example/`,
    failingSince: new Date(time - 10_000).toISOString(),
    at: time,
    ...given,
  });
}

describe('the intake of wakes', () => {
  it('investigates a critical one at once, and gives a milder one half a minute for its siblings', () => {
    const intake = new Intake(options);
    expect(intake.verdict(at(1, 0, 'shop'), [])).toEqual({ kind: 'investigate', waitMs: 0 });
    expect(intake.verdict(at(2, 0, 'mail', { severity: 'warning' }), [])).toEqual({
      kind: 'investigate',
      waitMs: 30_000,
    });
  });

  it('lets nothing that is spared lead a storm', () => {
    const intake = new Intake(options);
    const host = { target: 'http://10.0.0.5:1/' };
    intake.verdict(at(1, 0, 'shop', host), []);
    expect(intake.verdict(at(2, 300, 'shop', host), [])).toEqual({ kind: 'debounced' });
    expect(intake.verdict(at(3, 301, 'db', host), [])).toMatchObject({ kind: 'investigate' });
  });

  it('investigates a storm once whose leader is spared, where the runtime says which storm it is', () => {
    const intake = new Intake(options);
    intake.verdict(at(1, 0, 'shop'), []);
    const stormId = 'wake-2';
    expect(intake.verdict(at(2, 300, 'shop', { stormId }), [])).toEqual({ kind: 'debounced' });
    const kinds = [3, 4, 5, 6].map((n) => intake.verdict(at(n, 300 + n, `pod-${n}`, { stormId }), []).kind);
    expect(kinds).toEqual(['investigate', 'folded', 'folded', 'folded']);
  });

  it('keeps sub-causes of one probe apart (daemon defect W26)', () => {
    const intake = new Intake(options);
    intake.verdict(at(1, 0, 'shop', { category: 'auth' }), []);
    const other = at(2, 60, 'shop', { category: 'unreachable' });
    expect(intake.verdict(other, [])).toMatchObject({ kind: 'investigate' });
  });

  it('says after a restart at any point, on any runtime, what it would have said without one', () => {
    const probes = ['shop', 'mail', 'db'];
    const chain = fc
      .array(
        fc.record({
          gap: fc.integer({ min: 0, max: 90 }),
          probe: fc.constantFrom(...probes),
          severity: fc.constantFrom('critical' as const, 'warning' as const),
          target: fc.constantFrom('http://10.0.0.5:1/', 'http://10.0.0.6:1/'),
        }),
        { minLength: 1, maxLength: 30 },
      )
      .map((steps) => {
        let seconds = 0;
        return steps.map(({ gap, probe, severity, target }, index) =>
          at(index + 1, (seconds += gap), probe, { severity, target }),
        );
      });
    fc.assert(
      fc.property(chain, fc.nat(), (wakes, seed) => {
        const steady = new Intake(options);
        const expected = wakes.map((each) => steady.verdict(each, []));
        const cut = seed % wakes.length;
        const restarted = new Intake(options);
        restarted.rebuild(wakes.toReversed(), []);
        expect(wakes.slice(cut).map((each) => restarted.verdict(each, []))).toEqual(expected.slice(cut));
      }),
    );
  });

  it('investigates exactly one wake of each storm', () => {
    const intake = new Intake(options);
    const host = { target: 'http://10.0.0.5:1/' };
    const kinds = Array.from({ length: 40 }, (_, n) =>
      intake.verdict(at(n + 1, n / 10, `pod-${n}`, host), []),
    );
    expect(kinds.filter(({ kind }) => kind === 'investigate')).toHaveLength(1);
    expect(kinds.filter(({ kind }) => kind === 'folded')).toHaveLength(39);
    expect(intake.stormOf('wake-40')?.members).toHaveLength(40);
  });
});

describe('a failure that comes of a fix of Kora’s own', () => {
  const fix = readFix(
    chainEvent(5, 'tool.probe_autofix_attempted', '10:03:00', {
      probe: 'shop',
      outcome: 'mended',
      duration_ms: 60_000,
    }),
  );
  const failing = (time: string, given: Partial<Wake> = {}): Wake =>
    wake({ seq: 9, failingSince: `2026-11-21T${time}.000Z`, ...given });

  it.each([
    ['begins while it is tried', failing('10:02:10'), true],
    ['begins a moment after it', failing('10:04:59'), true],
    ['began before it', failing('10:01:59'), false],
    ['begins long after it', failing('10:05:01'), false],
    ['is of another probe', failing('10:02:10', { probe: 'mail' }), false],
    ['is of a probe that depends on it', failing('10:02:10', { probe: 'mail', dependsOn: ['shop'] }), true],
  ] as const)('%s: %o', (_, given, isOwn) => {
    expect(ownFixBehind(given, fix === null ? [] : [fix]) !== null).toBe(isOwn);
  });

  it('raises no loop: its wake has no investigation', () => {
    const intake = new Intake(options);
    const verdict = intake.verdict(failing('10:02:10'), fix === null ? [] : [fix]);
    expect(verdict).toMatchObject({ kind: 'own_fix', fix: { seq: 5, probe: 'shop' } });
  });

  it('is not known to be one by a wake that was there first', () => {
    const verdict = new Intake(options).verdict(failing('10:02:10', { seq: 4 }), fix === null ? [] : [fix]);
    expect(verdict).toMatchObject({ kind: 'investigate' });
  });

  it('is none when the fix was refused', () => {
    const payload = { probe: 'shop', outcome: 'rejected', duration_ms: 0 };
    expect(readFix(chainEvent(5, 'tool.probe_autofix_attempted', '10:02:00', payload))).toBeNull();
  });
});

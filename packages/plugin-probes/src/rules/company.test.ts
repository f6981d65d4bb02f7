import { describe, expect, it } from 'vitest';
import { at, neighbour, scene, state } from '../../fixtures/scene.ts';
import { elsewhere } from './elsewhere.ts';
import { hostOf } from './host.ts';
import { sameHost } from './same-host.ts';

const onHost = { target: '10.0.0.5:5432' };
const failing = { status: 'unreachable', error: 'TCP 10.0.0.5:5432 : connection refused' } as const;

describe('what else fails on the host', () => {
  it('is named, and the host suspected, when all its probes fail together', () => {
    const states = [state(), neighbour('db', { ...onHost, ...failing }), neighbour('mail')];
    expect(sameHost(scene({ states }))).toEqual({
      rule: 'same_host',
      line: 'Also failing on 10.0.0.5: db (TCP 10.0.0.5:5432 : connection refused). All 2 probes of that host fail together, which points to the host and not to one service.',
      evidence: { host: '10.0.0.5', failing: ['db'], probes: 2, all: true },
    });
  });

  it('is named with its share when others of the host are good', () => {
    const states = [state(), neighbour('db', { ...onHost, ...failing }), neighbour('ssh', onHost)];
    expect(sameHost(scene({ states }))?.line).toMatch(/2 of its 3 probes fail, which may have one cause\.$/);
  });

  it('says nothing when it stands alone or its host cannot be told', () => {
    expect(sameHost(scene({ states: [state(), neighbour('ssh', onHost)] }))).toBeNull();
    const odd = scene({ states: [state({ target: 'the shop', kind: 'custom' }), neighbour('db', failing)] });
    expect(sameHost({ ...odd, order: { ...odd.order, target: 'the shop' } })).toBeNull();
  });

  it('names three and counts the rest', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => neighbour(name, { ...onHost, ...failing }));
    expect(sameHost(scene({ states: [state(), ...many] }))?.line).toMatch(
      /c \(.*\); and 2 more\. All 6 probes/,
    );
  });
});

describe('what else fails elsewhere', () => {
  it('is named', () => {
    const states = [state(), neighbour('mail', { status: 'degraded', error: 'slow' })];
    expect(elsewhere(scene({ states }))).toEqual({
      rule: 'elsewhere',
      line: 'Also failing elsewhere: mail (slow).',
      evidence: { failing: ['mail'] },
    });
  });

  it('is nothing only when the others were looked at since', () => {
    const states = [state(), neighbour('mail'), neighbour('stale', { checkedAt: at('10:02:00') })];
    expect(elsewhere(scene({ states }))?.line).toBe('Nothing else fails: 1 other probe was good since then.');
    expect(
      elsewhere(scene({ states: [state(), neighbour('stale', { checkedAt: at('10:02:00') })] })),
    ).toBeNull();
    expect(elsewhere(scene({ states: [state()] }))).toBeNull();
  });

  it('does not count what the host rule has told', () => {
    expect(elsewhere(scene({ states: [state(), neighbour('db', { ...onHost, ...failing })] }))).toBeNull();
  });

  it('leaves out probes that are not configured', () => {
    expect(elsewhere(scene({ states: [state(), neighbour('x', { status: 'unconfigured' })] }))).toBeNull();
  });
});

describe('the host of a probe', () => {
  it.each([
    ['http', 'https://shop.example:8443/a?…', 'shop.example'],
    ['http', 'http://[2001:db8::1]/', '2001:db8::1'],
    ['tcp', 'DB.internal:5432', 'db.internal'],
    ['tcp', '[::1]:5432', 'this machine'],
    ['http', 'http://127.0.0.1:4100/', 'this machine'],
    ['http', 'http://localhost/', 'this machine'],
    ['disk', '/', 'this machine'],
    ['memory', 'this machine', 'this machine'],
    ['custom', 'orders queue', null],
    ['http', 'http://', null],
  ])('of kind %s at %s is %s', (kind, target, host) => {
    expect(hostOf({ kind, target })).toBe(host);
  });
});

import { describe, expect, it } from 'vitest';
import { bad, entity, log, onset, shop, stamp, traffic, unit, world } from '../../fixtures/world.ts';
import type { Conclusion, Scene } from '../scene/contract.ts';
import { conclude } from './conclude.ts';
import { findCauses } from './findings.ts';

async function judge(scene: Scene): Promise<Conclusion> {
  return conclude(scene, await findCauses(scene));
}

const concluded = (cause: string, ...entities: string[]) => ({ kind: 'concluded', cause, entities });

describe('what is no incident', () => {
  const labels = { alert: 'Watchdog', purpose: 'always firing, to prove that alerts get through' };

  it('an alert that is there to fire', async () => {
    const entities = [entity('probe:shop', { state: 'firing', labels })];
    expect(await judge(world({ entities }))).toMatchObject({ kind: 'no_incident' });
  });

  it('until it stops', async () => {
    const entities = [entity('probe:shop', { state: 'silent', labels })];
    expect(await judge(world({ entities }))).toMatchObject(concluded('always_firing', 'probe:shop'));
  });

  it('a world in which all is well, with its usual warnings', async () => {
    const entities = [
      entity('probe:shop', { state: 'healthy', dependsOn: ['unit:shop'] }),
      entity('unit:shop'),
    ];
    const good = { ...bad('x'), status: 'healthy', error: null } as const;
    const logs = [log('unit:shop', [...traffic(100), `${stamp('10:02:00')} ERROR connection refused`])];
    const scene = world({ entities, failing: [good, good], incident: null, wake: null, logs });
    expect(await judge(scene)).toMatchObject({ kind: 'no_incident' });
  });
});

describe('what cannot be known is said', () => {
  it('when there is nothing to read', async () => {
    expect(await judge(world({ logs: [log('unit:shop', [])] }))).toMatchObject({
      kind: 'abstained',
      why: 'no_evidence',
    });
  });

  it('when a tool is not enabled, with what to enable', async () => {
    const missing = [{ source: 'log:shop', why: 'the tool is not enabled', enable: 'logs.read' }];
    const found = await judge(world({ missing }));
    expect(found).toMatchObject({ kind: 'abstained', why: 'missing_source' });
    expect(found).toHaveProperty('needs', [expect.stringContaining('logs.read')]);
  });

  it('when only the end of a log is there', async () => {
    const logs = [
      log('unit:shop', [`${stamp('10:02:30')} ERROR giving up after the fault above`], { truncated: true }),
    ];
    expect(await judge(world({ logs }))).toMatchObject({ kind: 'abstained', why: 'truncated' });
  });

  it('when there is no such thing, with what is called almost so', async () => {
    const base = world();
    const order = { ...base.order, probe: 'chekout', target: 'unit:chekout' };
    const entities = [entity('unit:checkout'), entity('unit:mailer')];
    expect(await judge(world({ order, entities, wake: null }))).toMatchObject({
      kind: 'abstained',
      why: 'no_such_object',
      suggest: ['unit:checkout'],
    });
  });

  it('when a name does not resolve and nobody says why', async () => {
    const logs = [log('unit:shop', [`${stamp('10:02:05')} ERROR lookup db.internal: no such host`])];
    expect(await judge(world({ logs }))).toMatchObject({ kind: 'abstained' });
  });

  it('never from memory alone, which is refused when it is not what is seen', async () => {
    const memories = [
      {
        id: 'memory:3',
        entity: 'unit:shop',
        claim: 'its certificate has expired',
        outcome: 'confirmed',
      } as const,
    ];
    const alone = await judge(world({ memories }));
    expect(alone.kind).toBe('abstained');
    expect(alone.findings.find(({ rule }) => rule === 'memory_refused')?.evidence).toEqual(['memory:3']);
    const logs = [log('unit:shop', [`${stamp('10:02:05')} ERROR no space left on device`])];
    const seen = await judge(world({ memories, logs }));
    expect(seen).toMatchObject(concluded('disk_full', 'unit:shop'));
    expect(seen.findings.some(({ rule }) => rule === 'memory_refused')).toBe(true);
  });

  it('and what fails beside it is not taken for it', async () => {
    const neighbour = entity('unit:games', { state: 'failed' });
    const units = [
      unit('unit:games', {
        state: 'failed',
        last: { reason: 'OOMKilled', exitCode: 137, signal: null, at: onset },
      }),
    ];
    const logs = [log('unit:shop', [])];
    expect((await judge(world({ entities: [...shop, neighbour], units, logs }))).kind).toBe('abstained');
  });
});

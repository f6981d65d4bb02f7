import { describe, expect, it } from 'vitest';
import { at, look, neighbour, scene, state, target } from '../../fixtures/scene.ts';
import { conclude } from '../rules/conclude.ts';
import { findCauses } from '../rules/findings.ts';
import { stateOfWorld } from './state-of-world.ts';

const { signal } = new AbortController();
const probes = (asked: string[] = []) => ({
  probes: {
    list: () => Promise.resolve([]),
    incidents: () => Promise.resolve([]),
    history: ({ probe }: { readonly probe: string }) => {
      asked.push(probe);
      return Promise.resolve([look('10:02:40', { probe, status: 'unreachable' })]);
    },
  },
});

describe('the state of the world, as probes know it', () => {
  it('has each probe, what it looks at, and its host', async () => {
    const world = await stateOfWorld(probes(), scene(), { signal });
    expect(world.entities.map(({ id }) => id)).toEqual(['probe:shop', `service:${target}`, 'host:10.0.0.5']);
    expect(world.looks('shop')[1]).toMatchObject({
      at: Date.parse(at('10:02:10')),
      details: { failure: 'refused' },
    });
    expect(world.looks('nobody')).toEqual([]);
  });

  it('reads the looks of who fails too, and of those that it needs', async () => {
    const asked: string[] = [];
    const states = [
      state({ dependsOn: ['db'] }),
      neighbour('db'),
      neighbour('mail', { status: 'unreachable' }),
      neighbour('news'),
    ];
    await stateOfWorld(probes(asked), scene({ states }), { signal });
    expect(asked).toEqual(['db', 'mail']);
  });

  it('lets a unit be blamed that ran out of memory', async () => {
    const details = {
      unit: 'shop.service',
      activeState: 'failed',
      result: 'oom-kill',
      exitCode: null,
      signal: 9,
      restarts: 3,
      memoryLimitBytes: 268_435_456,
    };
    const unit = neighbour('shop_unit', {
      kind: 'systemd',
      target: 'shop.service',
      status: 'unhealthy',
      details,
    });
    const states = [state({ dependsOn: ['shop_unit'] }), unit];
    const world = await stateOfWorld(probes(), scene({ states }), { signal });
    expect(conclude(world, await findCauses(world, signal))).toMatchObject({
      kind: 'concluded',
      cause: 'out_of_memory',
      entities: ['unit:shop.service'],
    });
  });

  it('takes no refusal alone for a cause', async () => {
    const world = await stateOfWorld(probes(), scene(), { signal });
    expect(conclude(world, await findCauses(world, signal))).toMatchObject({
      kind: 'abstained',
      why: 'no_evidence',
    });
  });

  it('stops when the ticket is taken away', async () => {
    const states = [state(), neighbour('mail', { status: 'unreachable' })];
    const taken = AbortSignal.abort(new Error('lease lost'));
    await expect(stateOfWorld(probes(), scene({ states }), { signal: taken })).rejects.toThrow('lease lost');
  });
});

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import { Contributions } from '../contributions.ts';
import { ScriptedHouse } from '../testing/scripted-house.ts';
import { Door } from './door.ts';
import { Link } from './link.ts';
import { Remote } from './remote.ts';

function doorOf(house: ScriptedHouse): Door {
  const owner = { id: 'tide', trusted: false };
  const link = new Link(new PassThrough(), {
    peer: 'plugin tide',
    parse: () => ({ t: 'abort', id: 0 }),
    serve: () => Promise.resolve(),
    hear: () => undefined,
  });
  const context = buildContext({
    owner,
    workspace: 'default',
    config: undefined,
    log: house.log,
    services: house.services(owner),
    scope: new Scope('plugin tide'),
    contributions: new Contributions(),
  });
  return new Door(context, new Remote(link, new FakeClock(), 'tide'));
}

test('a guest holds a thousand registrations at the most, whatever handles it gives them', async () => {
  for (const handleOf of [(at: number) => at, () => 7]) {
    const house = new ScriptedHouse();
    const door = doorOf(house);
    const all = Array.from({ length: 1_500 }, (_, at) =>
      door.serve('register.channel', { handle: handleOf(at), name: `c${at}` }),
    );
    await Promise.allSettled(all);
    expect(house.channels.size).toBeLessThanOrEqual(1_000);
  }
});

test('a handle that is held is not given again, and one that was given back is', async () => {
  const house = new ScriptedHouse();
  const door = doorOf(house);
  await door.serve('register.channel', { handle: 1, name: 'a' });
  await expect(door.serve('register.channel', { handle: 1, name: 'b' })).rejects.toMatchObject({
    code: 'KORA_PLUGIN_INVALID',
  });
  await door.serve('dispose', { handle: 1 });
  await door.serve('register.channel', { handle: 1, name: 'b' });
  expect([...house.channels.keys()]).toEqual(['b']);
});

test('a guest may tell over a channel, and not say what the operator wrote in one', async () => {
  const house = new ScriptedHouse();
  const door = doorOf(house);
  const channel = { handle: 1, name: 'a', listens: true };
  await expect(door.serve('register.channel', channel)).rejects.toMatchObject({
    code: 'KORA_PLUGIN_REFUSED',
    fix: expect.stringContaining('plugins.trusted'),
  });
  expect(house.channels.size).toBe(0);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Overlay } from './contract.ts';
import { fewestOffered, isOfFloor } from '../tool/floor.ts';
import { reasonRoutes } from '../route/contract.ts';
import { house, reading, toolbox } from '../tool/testing/toolbox.ts';
import { restOf } from '../tool/trims.ts';
import { toolsTrimmedOf } from './tools-trimmed.ts';

const message = 'kora__send_message_to_operator';
const names = ['alpha', 'beta', 'delta', 'gamma', 'kora__get_ticket', message];

function scene() {
  const box = toolbox();
  for (const name of names) box.tools.registry.register(reading({ name }), house);
  box.grants.add('engine cap_read_runtime');
  const { registry, trims } = box.tools;
  const kind = toolsTrimmedOf({
    trims,
    tools: registry,
    granted: (route) => box.tools.granted({ route, caller: 'engine' }),
    inputPrice: () => 800_000,
  });
  const offered = async (route: 'cli' | 'ticket' = 'cli'): Promise<string[]> =>
    (await box.tools.advertised({ route, caller: 'engine' })).map(({ name }) => name);
  const seen = (without: unknown, key = 'cli') => kind.examine({ key, value: { without } });
  return { box, kind, offered, seen };
}

const overlay = (without: readonly string[], key = 'cli'): Overlay => ({
  kind: 'tools.trimmed',
  key,
  value: { without },
  proposalId: 1,
  revision: 1,
  since: '2026-11-22T12:00:00.000Z',
  trialUntil: null,
});

test('what is trimmed is neither offered nor called on its route, and is back when that is taken back (daemon defect W65)', async () => {
  const { box, kind, offered } = scene();
  await kind.take([overlay(['alpha', 'beta'])]);
  expect(await offered()).toEqual(['delta', 'gamma', 'kora__get_ticket', message]);
  expect(await offered('ticket')).toEqual(names);
  const run = await box.run();
  expect(await box.call(run, 'alpha')).toMatchObject({ status: 'not_advertised' });
  expect(await box.call(run, 'delta')).toMatchObject({ status: 'ok' });
  // A model that asks for it all the same is on the log: whoever measures sees that it was missed.
  expect(box.events[0]?.payload).toMatchObject({ tool: 'alpha', route: 'cli', outcome: 'not_advertised' });
  await kind.take([]);
  expect(await offered()).toEqual(names);
  expect(await box.call(await box.run(), 'alpha')).toMatchObject({ status: 'ok' });
});

test('it says what is lost, and its risk is that of what can be done no more', async () => {
  const { box, kind, seen } = scene();
  expect(await seen(['alpha', 'beta'])).toEqual({
    title: '2 tools are not offered on cli',
    risk: 'low',
    lines: [
      { path: 'alpha', before: 'offered', after: 'not offered' },
      { path: 'beta', before: 'offered', after: 'not offered' },
    ],
    blastRadius: 'whoever thinks on cli is offered 4 tools of 6',
    refusal: null,
  });
  box.tools.registry.register(reading({ name: 'push', sideEffects: 'once' }), house);
  expect((await seen(['push'])).risk).toBe('high');
  await kind.take([overlay(['alpha'])]);
  expect((await seen(['beta'])).lines).toEqual([
    { path: 'alpha', before: 'not offered', after: 'offered' },
    { path: 'beta', before: 'offered', after: 'not offered' },
  ]);
});

test('what is refused: the floor, a tool or route that is not there, too few left; what is in force is not', async () => {
  const { kind, seen } = scene();
  expect((await seen([message])).refusal).toMatch(/never trimmed on cli/);
  expect((await seen(['kora__get_ticket'], 'ticket')).refusal).toMatch(/never trimmed on ticket/);
  expect((await seen(['kora__get_ticket'])).refusal).toBeNull();
  expect((await seen(['omega'])).refusal).toBe('there is no tool omega');
  expect((await seen(['alpha', 'beta', 'delta'])).refusal).toMatch(/3 tools would be left/);
  expect((await seen(['alpha'], 'telegram')).refusal).toMatch(/no route/);
  expect((await seen([])).refusal).toMatch(/small/);
  await kind.take([overlay(['omega', 'alpha'])]);
  expect(await seen(['omega', 'alpha'])).toMatchObject({ refusal: null, lines: [] });
});

test('each route is a place, with its floor and what its tools take of a prompt', async () => {
  const { kind } = scene();
  await kind.take([overlay(['alpha'])]);
  const places = (await kind.places?.()) ?? [];
  expect(places.map(({ key }) => key)).toEqual([...reasonRoutes]);
  const cli = places.find(({ key }) => key === 'cli');
  expect(cli?.value).toEqual({ without: ['alpha'] });
  expect(cli?.facts['inputMicroUsdPerMillion']).toBe(800_000);
  expect(cli?.facts['tools']).toContainEqual({
    name: message,
    floor: true,
    characters: expect.any(Number) as number,
  });
});

test('whatever is stored, the floor stays, and so many that there is something to think with (daemon defect W65)', () => {
  const tool = fc.constantFrom(...names, 'x', 'y');
  fc.assert(
    fc.property(
      fc.uniqueArray(tool),
      fc.uniqueArray(tool),
      fc.constantFrom(...reasonRoutes),
      (there, gone, route) => {
        const tools = there.map((name) => ({ name }));
        const left = restOf(route, tools, new Set(gone)).map(({ name }) => name);
        expect(left.length).toBeGreaterThanOrEqual(Math.min(fewestOffered, there.length));
        expect(there.filter((name) => isOfFloor(route, name) && !left.includes(name))).toEqual([]);
        expect(left).toEqual(there.filter((name) => left.includes(name)));
        const spared = left.filter((name) => gone.includes(name) && !isOfFloor(route, name));
        expect(left.length > fewestOffered ? spared : []).toEqual([]);
      },
    ),
  );
});

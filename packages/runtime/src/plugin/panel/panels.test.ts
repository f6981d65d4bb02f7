import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scene } from '../../admission/testing/scene.ts';
import { FakeClock } from '../../clock/index.ts';
import { panelViewSchema } from './contract.ts';
import type { CockpitPanelSpec, PanelInput, PanelView } from './contract.ts';
import { Panels } from './panels.ts';

const text = (said: string): PanelView => ({ kind: 'text', text: said });

function desk() {
  const clock = new FakeClock();
  const door = scene();
  return { clock, door, panels: new Panels(clock, door.admission) };
}

function panel(over: Partial<CockpitPanelSpec> = {}): CockpitPanelSpec {
  return { id: 'now', title: 'Now', view: () => Promise.resolve(text('calm')), ...over };
}

test('a panel is listed with what can be asked of it, and shows what its plugin says', async () => {
  const { panels } = desk();
  const turn = { id: 'turn', title: 'Turn the tide', confirm: 'Really?', run: () => Promise.resolve() };
  panels.register(panel({ everyMs: 10, actions: [turn] }), 'tides');
  expect(panels.list('tides')).toEqual([
    {
      plugin: 'tides',
      id: 'now',
      title: 'Now',
      everyMs: 1_000,
      actions: [{ id: 'turn', title: 'Turn the tide', purpose: 'act', needs: 'operate', confirm: 'Really?' }],
    },
  ]);
  expect(panels.list('other')).toEqual([]);
  expect((await panels.look('tides', 'now')).view).toEqual(text('calm'));
});

test('however many look, the plugin is asked once a second', async () => {
  const { clock, panels } = desk();
  let asked = 0;
  panels.register(panel({ view: () => Promise.resolve(text(String((asked += 1)))) }), 'tides');
  const looks = await Promise.all(Array.from({ length: 50 }, () => panels.look('tides', 'now')));
  expect(new Set(looks.map(({ view }) => JSON.stringify(view))).size).toBe(1);
  await clock.advance(1_000);
  expect((await panels.look('tides', 'now')).view).toEqual(text('2'));
});

test.each<[string, CockpitPanelSpec['view'], RegExp]>([
  ['throws', () => Promise.reject(new Error('no water')), /panel now of plugin tides: no water/],
  [
    'throws at once',
    () => {
      throw new Error('at once');
    },
    /at once/,
  ],
  [
    'answers markup',
    () => Promise.resolve({ kind: 'html', html: '<b>' } as never),
    /answered something else/,
  ],
  ['says too much', () => Promise.resolve(text('x'.repeat(20_001))), /answered something else/],
])('a view that %s is a failure with its name, and the next one counts again', async (_, view, why) => {
  const { clock, panels } = desk();
  let broken = true;
  panels.register(
    panel({ view: (signal) => (broken ? view(signal) : Promise.resolve(text('mended'))) }),
    'tides',
  );
  const refused = panels.look('tides', 'now');
  await expect(refused).rejects.toMatchObject({ code: 'KORA_PANEL_FAILED' });
  await expect(refused).rejects.toThrow(why);
  broken = false;
  await clock.advance(1_000);
  expect((await panels.look('tides', 'now')).view).toEqual(text('mended'));
});

test('a view that hangs is given up', async () => {
  const { clock, panels } = desk();
  panels.register(panel({ view: () => new Promise(() => undefined) }), 'tides');
  const asked = panels.look('tides', 'now');
  asked.catch(() => undefined); // it is looked at below
  await expect.poll(() => clock.sleeping).toBe(1);
  await clock.advance(5_000);
  await expect(asked).rejects.toThrow('did not finish within 5000 ms');
});

test('an action gets what was filled in, answers a word, and the panel is looked at anew', async () => {
  const { panels } = desk();
  const given: PanelInput[] = [];
  let height = 1;
  panels.register(
    panel({
      view: () =>
        Promise.resolve({ kind: 'figures', figures: [{ label: 'height', value: height, unit: 'm' }] }),
      actions: [
        {
          id: 'raise',
          title: 'Raise',
          run: (input) => {
            given.push(input);
            height += Number(input['by']);
            return Promise.resolve({ message: 'raised' });
          },
        },
      ],
    }),
    'tides',
  );
  expect((await panels.look('tides', 'now')).view).toMatchObject({ figures: [{ value: 1 }] });
  expect(await panels.act('tides', 'now', 'raise', { by: 2 })).toEqual({ message: 'raised' });
  expect(given).toEqual([{ by: 2 }]);
  expect((await panels.look('tides', 'now')).view).toMatchObject({ figures: [{ value: 3 }] });
});

test('while Kora is stopped nothing that acts is done; what only looks is', async () => {
  const { door, panels } = desk();
  const done: string[] = [];
  const action = (id: string, purpose: 'act' | 'observe') => ({
    id,
    title: id,
    purpose,
    run: () => Promise.resolve(void done.push(id)),
  });
  panels.register(panel({ actions: [action('turn', 'act'), action('refresh', 'observe')] }), 'tides');
  door.move({ stopLevel: 1 });
  await expect(panels.act('tides', 'now', 'turn', {})).rejects.toMatchObject({
    code: 'KORA_ADMISSION_DENIED',
    message: expect.stringContaining('stop_l1') as string,
  });
  await panels.act('tides', 'now', 'refresh', {});
  expect(done).toEqual(['refresh']);
  expect(door.refusals).toMatchObject([{ door: 'panel_action', caller: 'tides', cause: 'stop_l1' }]);
});

test('what is not there, taken or malformed is refused by name; what is taken back is gone', async () => {
  const { panels } = desk();
  const undo = panels.register(panel(), 'tides');
  panels.register(panel(), 'other');
  const odd: readonly Partial<CockpitPanelSpec>[] = [
    {},
    { id: 'Now' },
    { id: 'a', title: ' ' },
    { id: 'b', actions: [{ id: 'x y', title: 'x', run: () => Promise.resolve() }] },
    {
      id: 'c',
      actions: Array.from({ length: 13 }, (_, at) => ({
        id: `a${at}`,
        title: 'x',
        run: () => Promise.resolve(),
      })),
    },
  ];
  for (const each of odd)
    expect(() => panels.register(panel(each), 'tides')).toThrow(
      expect.objectContaining({ code: 'KORA_PLUGIN_INVALID' }),
    );
  await expect(panels.act('tides', 'now', 'none', {})).rejects.toMatchObject({ code: 'KORA_PANEL_UNKNOWN' });
  undo();
  expect(() => panels.look('tides', 'now')).toThrow(expect.objectContaining({ code: 'KORA_PANEL_UNKNOWN' }));
  expect(panels.list('other')).toHaveLength(1);
});

test('law: no answer of a plugin gets past the shapes: what is shown is a view, or it is not shown', async () => {
  const { clock, panels } = desk();
  let answer: unknown;
  panels.register(panel({ view: () => Promise.resolve(answer as PanelView) }), 'tides');
  const near = fc.oneof(
    fc.jsonValue(),
    fc.record({ kind: fc.constantFrom('text', 'table', 'figures', 'form', 'script'), text: fc.jsonValue() }),
  );
  await fc.assert(
    fc.asyncProperty(near, async (given) => {
      answer = given;
      await clock.advance(1_000);
      const shown = await panels.look('tides', 'now').then(
        ({ view }) => view,
        () => undefined,
      );
      // What is no field of the shape was left out on the way.
      expect(shown).toEqual(panelViewSchema.safeParse(given).data);
    }),
    { numRuns: 200 },
  );
});

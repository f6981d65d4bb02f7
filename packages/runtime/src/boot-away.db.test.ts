import { afterAll, beforeAll, expect, test } from 'vitest';
import { BootScene } from './testing/boot-scene.ts';
import type { BootPlan } from './testing/boot-scene.ts';

const nothing = (): Promise<void> => Promise.resolve();
const quiet: Omit<BootPlan, 'before' | 'beside'> = {
  hurry: new Map([[2_000, 100]]),
  after: nothing,
  mend: nothing,
};

let scene: BootScene;
beforeAll(async () => {
  scene = await BootScene.open();
  await scene.sound();
});
afterAll(() => scene.drop());

test.each([
  ['while the rooms are built', ['insert into kora.workspace']],
  ['when most of the rooms stand', ['kora.set_spend_pool']],
  ['at the row of the boot', ['insert into kora.boot ']],
  ['while the work of an earlier run is taken back', ['insert into kora.boot ', 'update kora.occurrence']],
  ['when the holds are looked at', ['insert into kora.boot ', 'from kora.hold where workspace_id']],
])('a store that goes away %s keeps the runtime booting, which then comes up by itself', async (_, texts) => {
  const left = await scene.boot(
    {
      ...quiet,
      before: async ({ proxy }) => {
        texts.forEach((text, at) =>
          proxy.trap(text, at === texts.length - 1 ? () => proxy.down() : undefined),
        );
      },
      beside: async ({ waits, proxy }) => {
        await waits();
        proxy.up();
      },
    },
    false,
  );
  expect(left).toMatchObject({ exit: 0, row: { outcome: 'passed', exitCode: 0 } });
  expect(left.states.at(-1)).toMatchObject({ cause: 'boot.passed', primaryState: 'ready' });
  expect(left.events.filter((type) => type === 'kora.boot.ready')).toHaveLength(1);
});

test('a boot whose row was written, and nobody heard of it, has one row all the same', async () => {
  const before = await rows();
  const left = await scene.boot(
    {
      ...quiet,
      before: async ({ proxy }) => proxy.trap('insert into kora.boot ', () => proxy.cutAt('commit', 'after')),
      hurry: new Map([[2_000, 500]]),
      beside: ({ waits }) => waits(),
    },
    false,
  );
  expect(left).toMatchObject({ exit: 0, row: { outcome: 'passed' } });
  expect(await rows()).toBe(before + 1);
});

async function rows(): Promise<number> {
  const [found] = await scene.store.database.query<{ n: number }>('select count(*)::int as n from kora.boot');
  return found?.n ?? 0;
}

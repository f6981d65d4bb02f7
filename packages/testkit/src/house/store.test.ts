import { definePlugin } from '@kora/runtime/plugin';
import type { EventType, PluginContext } from '@kora/runtime/plugin';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createTestRuntime } from '../index.ts';

const turned: EventType = {
  type: 'tide.turned',
  version: 1,
  payload: z.object({}),
  means: 'The tide turned.',
};

const plugin = definePlugin({
  id: 'tide',
  async register(context) {
    await context.registerMigrations({
      migrations: [
        {
          number: 1,
          name: 'turns',
          sql: '-- safe: the first table\ncreate table turn (seq int primary key)',
        },
      ],
    });
    await context.registerEventTypes([turned]);
    await context.subscribe({
      consumer: 'turns',
      types: ['tide.turned'],
      react: async ({ seq }) =>
        void (await context.store.run([{ sql: 'insert into turn values ($1)', values: [seq] }], {
          cursor: { consumer: 'turns', seq },
        })),
    });
  },
});

/** A database in WebAssembly is opened, and the runtime's whole schema made in it: seconds on a machine that has others. */
const longMs = 90_000;

const count = [{ sql: 'select count(*)::int as n from turn' }];

it(
  'a plugin keeps tables in a database in memory, and its cursor moves with what it writes',
  async () => {
    await using runtime = await createTestRuntime({ plugin, store: 'pglite' });
    const { store }: PluginContext<unknown> = await runtime.context();
    await runtime.raise({ type: 'tide.turned', payload: {} });
    expect(await store.run(count)).toEqual([{ count: 1, rows: [{ n: 1 }] }]);
    const again = store.run(count, { cursor: { consumer: 'turns', seq: 1 } });
    await expect(again).rejects.toMatchObject({ code: 'KORA_CURSOR_STALE' });
    const held = store.run(count, { claim: { ticketId: 1, fence: 1 } });
    await expect(held).rejects.toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
    const foreign = store.run([{ sql: 'select password from kora.plugin_role' }]);
    await expect(foreign).rejects.toMatchObject({ code: 'KORA_PLUGIN_STATEMENT_FAILED' });
  },
  longMs,
);

it('without a database it may say what it keeps, and is refused when it asks for it', async () => {
  await using runtime = await createTestRuntime({ plugin });
  const { store } = await runtime.context();
  await expect(store.run(count)).rejects.toMatchObject({
    code: 'KORA_PLUGIN_STORE_REFUSED',
    fix: "createTestRuntime({ plugin, store: 'pglite' })",
  });
});

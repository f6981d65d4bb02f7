import { readFile } from 'node:fs/promises';
import type { LoopSpec, PluginContext } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import { pastOf } from './testing/past.ts';

async function loopsOf(config: unknown = {}): Promise<readonly LoopSpec[]> {
  const loops: LoopSpec[] = [];
  const context: Partial<PluginContext<unknown>> = {
    config: plugin.config?.parse(config),
    promotion: pastOf({}),
    registerLoop: (loop) => {
      loops.push(loop);
      return Promise.resolve({ dispose: () => Promise.resolve() });
    },
  };
  await plugin.register(context as PluginContext<unknown>);
  return loops;
}

describe('the promotion plugin', () => {
  it('registers exactly the loops that its manifest declares', async () => {
    const { kora } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      kora: { contributes: { loops: string[] } };
    };
    expect((await loopsOf()).map(({ name }) => name).toSorted()).toEqual(kora.contributes.loops.toSorted());
  });

  it('sets each loop up by its own block; nothing is applied without the operator by default', async () => {
    const loops = await loopsOf({ loops: { promote_phrasebook: { enabled: false, windowDays: 30 } } });
    const settings = Object.fromEntries(loops.map((loop) => [loop.name, loop.settings]));
    expect(settings['promote_phrasebook']).toMatchObject({ enabled: false, windowDays: 30, everyHours: 24 });
    expect(settings['promote_email_intent']).toMatchObject({ enabled: true, windowDays: 14, expiryDays: 14 });
    expect(loops.filter(({ settings: { applyLowRisk } }) => applyLowRisk)).toEqual([]);
  });

  it('refuses a key it does not know, and a value out of its range', () => {
    for (const wrong of [
      { windowDays: 7 },
      { loops: { promote_tides: {} } },
      { loops: { promote_phrasebook: { windowDay: 7 } } },
      { loops: { promote_phrasebook: { minPrecision: 0.5 } } },
      { loops: { promote_email_intent: { everyHours: 0 } } },
    ])
      expect(plugin.config?.safeParse(wrong).success).toBe(false);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../packages/promote-loops/src/config.ts';
import { proposalApplications, proposalDecisions } from '../packages/runtime/src/promotion/contract.ts';

const page = readFileSync(new URL('../docs/promotion.md', import.meta.url), 'utf8');

/** What every loop has; its default stands once, and where a loop has another, at the head of its table. */
const common = { everyHours: 24, windowDays: 14, expiryDays: 14, trialHours: 72 };
const { loops } = configSchema.parse({});

/** The table of one loop, from its head to the line that is none. */
function tableOf(loop: string): string {
  const [, table = ''] = new RegExp(`^(\\| \`${loop}\`[^]*?)\\n\\n`, 'm').exec(
    page.slice(page.indexOf('## Settings')),
  ) ?? ['', ''];
  return table;
}

describe('docs/promotion.md', () => {
  it.each(Object.entries(loops))('says every key of %s, with its default', (loop, settings) => {
    const table = tableOf(loop);
    const told = [...table.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, key, value]) => [
      key,
      Number(value),
    ]);
    const own = Object.entries(settings).filter(
      ([key]) => !Object.hasOwn(common, key) && key !== 'enabled' && key !== 'applyLowRisk',
    );
    expect(told).toEqual(own);
    const [head = ''] = table.split('\n');
    const said = (word: string, usual: number): number =>
      Number(new RegExp(`${word} (\\d+)`).exec(head)?.[1] ?? usual);
    expect(settings).toMatchObject({
      ...common,
      windowDays: said('window', common.windowDays),
      trialHours: said('trial', common.trialHours),
      enabled: true,
      applyLowRisk: false,
    });
  });

  it('names each state of a proposal, and no other', () => {
    const life = page.split('## The life of a proposal')[1]?.split('\n- ')[0] ?? '';
    const states = [...life.matchAll(/^\| `(\w+)` \|/gm)].map(([, state]) => state);
    expect(states).toEqual([...proposalDecisions, ...proposalApplications]);
  });
});

import { text as textOf } from 'node:stream/consumers';
import { spendSchema } from '@kora/runtime/client';
import type { Browser, Download, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { Thinking } from '../harness/thinking.ts';
import { until } from '../harness/wait.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const poolUsd = 0.4;
/** More than that in one call is not what was sent, and would not be believed. */
const mostOfCall = 20_000;
/** What is spent after the answers, in percent of the pool, and what the page has to call it. */
const climbs = [
  { to: 20, rung: 'normal', word: 'normal', models: null },
  { to: 76, rung: 'warn_75', word: 'warning', models: 'one tier down' },
  { to: 90.5, rung: 'downshift_90', word: 'downshift', models: 'smallest' },
] as const;

/** Flow 10, with money that a model on a socket of this machine really counts. */
describe("a pool that is spent before the operator's eyes", () => {
  let thinking: Thinking;
  let browser: Browser;
  let seat: Seat;
  let loads = 0;

  beforeAll(async () => {
    thinking = await Thinking.prepare({
      poolUsd,
      reasoning: { fallback: [] },
      // The pool alone shall say no.
      configuration: { spend: { pacing: 'off', criticalShare: 0 } },
    });
    await thinking.raise();
    await until('whoever thinks', async () => (await thinking.house.api().engines()).engines.length > 0);
    browser = await openBrowser();
    seat = await takeSeat(browser, thinking.house);
  });
  afterAll(async () => {
    await browser?.close();
    await thinking?.[Symbol.asyncDispose]();
  });

  /** What `kora cost --json` says. */
  const ledger = async () => (await thinking.house.read(spendSchema, 'cost')).data;
  const panel = (name: string | RegExp): Locator => seat.page.getByRole('region', { name });
  const text = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? '';

  /** Asks as often as it takes to bring the month to this share of the pool. */
  async function spendTo(percent: number): Promise<void> {
    const { spentUsd } = await thinking.house.api().spend();
    let left = Math.round(poolUsd * percent * 10_000 - spentUsd * 1_000_000);
    while (left >= 10) {
      const costMicroUsd = Math.min(left, mostOfCall);
      // Of the small model a word out costs five micro-dollars, a token into the cache two, and another one.
      const cacheWrite = Math.floor((costMicroUsd - 6) / 2);
      thinking.models.follow(() => ({
        text: 'It is well.',
        usage: { input: costMicroUsd - 5 - 2 * cacheWrite, output: 1, cacheWrite },
      }));
      const answer = await thinking.house
        .api()
        .ask({ text: `how is the house at ${percent} percent?`, phrasebook: false });
      expect(answer).toMatchObject({ receipt: { calls: 1, costMicroUsd } });
      left -= costMicroUsd;
    }
  }

  /** Waits until the ladder's marker stands at what the ledger says, on that rung. */
  async function stands(rung: string, word: string): Promise<void> {
    await until(`the rung ${rung}`, async () => (await thinking.house.api().spend()).rung === rung);
    const { spentUsd } = await thinking.house.api().spend();
    const percent = ((spentUsd / poolUsd) * 100).toFixed(1);
    const ladder = panel('Ladder');
    await seat.shown(ladder.getByRole('img', { name: `${percent} percent of the pool is spent` }));
    await seat.shown(ladder.getByText(new RegExp(`^${word}: `)));
    await seat.picture(`cost-${rung}`);
  }

  it('10: climbs the ladder live, rung by rung, and is paused at its end', async () => {
    const { page } = seat;
    const banner = page.getByRole('banner');
    await seat.visit('Cost');
    page.on('load', () => (loads += 1));
    for (const { to, rung, word, models } of climbs) {
      await spendTo(to);
      await stands(rung, word);
      if (models !== null) await seat.shown(banner.getByText(`spent; models: ${models}`));
    }
    await seat.shown(banner.getByRole('link', { name: 'Ready' }));
    // The worst that a call may cost is set aside before it, so that none of them passes the end: the provider's bill does.
    await panel('Ladder').getByRole('button', { name: 'Reconcile' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold the journal against the provider' });
    await dialog.getByRole('textbox', { name: /What the provider says/ }).fill('0.401');
    await seat.shown(dialog.getByText(/^Spend is raised by \$0\.\d+ to \$0\.401; the ladder may change\.$/));
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('the bill of the month');
    await dialog.getByRole('button', { name: 'Reconcile' }).click();
    await stands('hard_stop_100', 'hard stop');
    await seat.shown(banner.getByRole('link', { name: 'Paused' }));
    await seat.shown(banner.getByText('hold: cost'));
    await seat.shown(banner.getByText('$0.401 of $0.40 spent; models: none (halted)'));
    await seat.shown(panel('Ladder').getByText(/This is the end of the ladder/));
    expect(
      await thinking.house.api().ask({ text: 'is there a word left?', phrasebook: false }),
    ).toMatchObject({
      status: 'refused',
      error: 'cost_ladder_halted',
    });
    expect(loads).toBe(0);
  });

  it('10: says what the ledger says, to the micro-dollar', async () => {
    const spend = await ledger();
    const spent = `$${spend.spentUsd.toFixed(3)}`;
    expect(await text(panel('Ladder'))).toContain(`${spent}of $${poolUsd.toFixed(2)} spent`);
    const table = panel('What it went to').getByRole('table');
    for (const by of ['model', 'source', '']) {
      await seat.page.getByRole('combobox', { name: 'By' }).selectOption(by);
      await seat.shown(table.getByRole('row').last().getByText(spent, { exact: true }));
    }
    // The file has what the table has, in whole micro-dollars: its sum is the ledger's.
    const download = seat.page.waitForEvent('download');
    await seat.page.getByRole('button', { name: 'Export CSV' }).click();
    const [head, ...rows] = (await contentOf(await download)).trim().split('\r\n');
    expect(head).toBe('route,cost_usd,calls');
    const sum = rows.reduce((total, row) => total + Math.round(Number(row.split(',')[1]) * 1_000_000), 0);
    expect(sum).toBe(Math.round(spend.spentUsd * 1_000_000));
  });

  it('leaves nothing that the policy stopped', () => expectClean(thinking.house, seat));
});

async function contentOf(download: Download): Promise<string> {
  return await textOf(await download.createReadStream());
}

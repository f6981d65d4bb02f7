import type { KoraClient } from '@kora/runtime/client';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { Thinking } from '../harness/thinking.ts';
import { until } from '../harness/wait.ts';
import { broken, configured, mended, Pager, wire } from './mind-guest.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

type Incident = Awaited<ReturnType<KoraClient['incidents']>>[number];

const finding = {
  answer: 'The shop is down because its unit ended.\nCause: unknown at probe:shop\nNext step: start it',
  claims: [{ text: 'Its unit ended.', evidence: [] }],
  confidence: 0.6,
};

/** Flows 8 and 9. The channel goes to a server of the test, because only one that refuses can show a wake nobody is told of. */
describe('wakes, and the thought behind one', () => {
  let thinking: Thinking;
  let pager: Pager;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    pager = await Pager.open();
    thinking = await Thinking.prepare({ reasoning: { fallback: [] } });
    const { house } = thinking;
    wire(house, {
      pager: pager.url,
      probes: { shop: 'critical', mirror: 'warning', lamp: 'critical', disk: 'warning' },
    });
    configured(thinking, { messages: { channels: ['pager'] } });
    thinking.models.follow(() => ({ text: JSON.stringify(finding), usage: { input: 900, output: 60 } }));
    await thinking.raise();
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
  });
  afterAll(async () => {
    await browser?.close();
    await thinking?.[Symbol.asyncDispose]();
    await pager?.[Symbol.asyncDispose]();
  });

  /** Breaks a thing, and waits until its incident stands as it should. */
  async function incident(probe: string, is: (incident: Incident) => boolean): Promise<Incident> {
    return await until(`the incident of ${probe}`, async () =>
      (await thinking.house.api().incidents()).find((each) => each.probe === probe && is(each)),
    );
  }

  const rail = (probe: string): Locator =>
    seat.page.getByRole('list', { name: `Steps of the wake of ${probe}` }).getByRole('listitem');
  /** The class of a step's colour. */
  const toneOf = (step: Locator): Promise<string | null> => step.getAttribute('class');

  it('8: shows each outcome as its own, in four steps, and only the last one red', async () => {
    const { house } = thinking;
    await seat.visit('Probes');
    await seat.page
      .getByRole('navigation', { name: 'Probes, alerts and wakes' })
      .getByRole('link', { name: 'Wakes' })
      .click();
    // Investigated, and told over the channel.
    broken(house, 'shop');
    await seat.shown(rail('shop').nth(2).getByRole('link', { name: 'answered' }));
    await seat.shown(rail('shop').nth(3).getByRole('link', { name: 'told' }));
    // The same failure once more within its window is no wake of its own.
    for (const times of [0, 1]) {
      broken(house, 'mirror');
      await incident('mirror', ({ status, reopened }) => status === 'open' && reopened === times);
      mended(house, 'mirror');
      await incident('mirror', ({ status }) => status === 'resolved');
    }
    await seat.shown(rail('mirror').nth(1).getByText('held back', { exact: true }));
    await seat.shown(
      rail('mirror')
        .nth(1)
        .getByText(/^1 more in window, next eligible \d\d:\d\d:\d\d$/),
    );
    // A channel that fails is not waited for; one that asks for patience is, and meanwhile nobody knows.
    pager.answers = 500;
    broken(house, 'lamp');
    await seat.shown(rail('lamp').nth(3).getByText('fallback sent'));
    pager.answers = 503;
    broken(house, 'disk');
    await seat.shown(rail('disk').nth(3).getByText('operator not told'));
    await seat.shown(rail('disk').nth(3).getByText('over pager: the pager asks for patience'));
    await seat.picture('wakes');
    const names = ['shop', 'mirror', 'lamp', 'disk'];
    for (const name of names) {
      expect(await rail(name).count()).toBe(4);
      expect(await rail(name).first().textContent()).toMatch(/^emitted#\d+/);
    }
    const last = await Promise.all(names.map((name) => toneOf(rail(name).nth(3))));
    expect(last.map((classes) => /text-(ready|paused|stopped)/.exec(classes ?? '')?.[1])).toEqual([
      'ready',
      'ready',
      'paused',
      'stopped',
    ]);
    // The counter is the house's and not the page's: another load and other wakes leave it.
    await seat.page.reload();
    await seat.shown(
      rail('mirror')
        .nth(1)
        .getByText(/^1 more in window/),
    );
    await seat.page.getByRole('combobox', { name: 'Came to' }).selectOption('not_told');
    await seat.gone(rail('shop').first());
    await seat.shown(rail('disk').first());
    await seat.page.getByRole('combobox', { name: 'Came to' }).selectOption('');
  });

  it('9: leads from a wake to its call and back, by the id of the wake', async () => {
    const { page } = seat;
    const { wakeId, ticketId } = await incident('shop', () => true);
    await rail('shop').nth(2).getByRole('link', { name: 'answered' }).click();
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Reasoning call' }));
    const [run] = await thinking.house.api().runs({ ticketId: Number(ticketId) });
    expect(new URL(page.url()).pathname).toBe(`/reasoning/${run?.runId}`);
    await seat.shown(page.getByText('The shop is down because its unit ended.').first());
    await page.getByRole('link', { name: `from wake ${wakeId}` }).click();
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Wake of shop' }));
    expect(new URL(page.url()).pathname).toBe(`/wakes/${wakeId}`);
    expect(await rail('shop').nth(2).getByRole('link').getAttribute('href')).toBe(`/reasoning/${run?.runId}`);
  });

  it('shows a call that runs, its words as they come, and what it came to', async () => {
    const { house, models } = thinking;
    const { page } = seat;
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    models.follow(() => ({ text: spoken(first.promise, second.promise), usage: { input: 300, output: 12 } }));
    const answer = house.api().ask({ text: 'Is the mirror well?', phrasebook: false });
    await seat.visit('Reasoning');
    const row = page.getByRole('row').filter({ hasText: 'Is the mirror well?' });
    await seat.shown(row.getByText('running'));
    await seat.shown(row.getByText(/^\d+ s$/));
    await row.getByRole('link', { name: 'Is the mirror well?' }).click();
    const speaks = page.getByRole('region', { name: 'As it speaks' });
    await seat.shown(speaks.getByText('Nothing was said since this page listens.'));
    first.resolve();
    await seat.shown(speaks.getByText(/The mirror is/));
    await seat.picture('reasoning-live');
    second.resolve();
    await seat.gone(speaks);
    await seat.shown(
      page.getByRole('region', { name: 'Answer' }).getByText('The mirror is well again.', { exact: true }),
    );
    const { runId, receipt } = await answer;
    expect(new URL(page.url()).pathname).toBe(`/reasoning/${runId}`);
    expect(receipt.routing).not.toBeNull();
    await seat.shown(page.getByRole('region', { name: 'Receipt' }).getByText(String(receipt.routing)));
    // The one before it in the filter the list was left with, and back.
    await page.keyboard.press('n');
    await seat.gone(page.getByText('The mirror is well again.', { exact: true }));
    await page.keyboard.press('p');
    await seat.shown(page.getByText('The mirror is well again.', { exact: true }));
  });

  it('leaves nothing that the policy stopped', () => expectClean(thinking.house, seat));
});

async function* spoken(first: Promise<void>, second: Promise<void>): AsyncGenerator<string> {
  await first;
  yield 'The mirror is ';
  await second;
  yield 'well again.';
}

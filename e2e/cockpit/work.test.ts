import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { Errands } from './errands.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

describe('tickets from the page', () => {
  const house = new House();
  const errands = new Errands(house);
  let up: Up;
  let browser: Browser;
  let seat: Seat;

  /** One that has failed for good: its number. */
  async function failed(title: string): Promise<number> {
    errands.set('broken', true);
    const ticketId = await errands.add(title);
    await until('it to fail', async () => (await errands.status(ticketId)) === 'failed_terminal');
    errands.set('broken', false);
    return ticketId;
  }

  const receipt = (title: string): Locator =>
    seat.page.locator('[data-receipt="done"]').filter({ hasText: title });

  beforeAll(async () => {
    [up, browser] = await Promise.all([house.up(), openBrowser()]);
    seat = await takeSeat(browser, house);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('peeks at a failed ticket and tries it again without losing the filter, and the receipt names its event', async () => {
    const { page } = seat;
    const ticketId = await failed('Rotate the staging certificate');
    await failed('Count the containers');
    await page.goto(`${up.ready.url}/tickets?q=staging&sort=age&v=list&lane=failed_or_blocked`);
    const row = page.locator(`[data-row="/tickets/${ticketId}"]`);
    await seat.shown(row);
    expect(await page.getByRole('link', { name: 'Count the containers' }).count()).toBe(0);
    await row.focus();
    await page.keyboard.press('Space');
    const peek = page.getByRole('complementary', { name: 'Peek' });
    await seat.shown(peek.getByRole('heading', { name: 'Rotate the staging certificate' }));
    await seat.shown(peek.getByText('1 of 10', { exact: true }));
    await seat.picture('peek');
    // What the bar says and the way to stop are not covered: a press arrives there.
    await page.getByRole('banner').getByRole('button', { name: 'Stop', exact: true }).click({ trial: true });
    await peek.getByRole('button', { name: 'Retry', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Retry: ticket #${ticketId}` });
    await dialog.getByLabel(/^Reason/).fill('the tool is mended');
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await seat.shown(receipt(`Retry: ticket #${ticketId}`).getByRole('link', { name: /^#[\d,]+$/ }));
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({
      q: 'staging',
      sort: 'age',
      v: 'list',
      lane: 'failed_or_blocked',
      peek: `/tickets/${ticketId}`,
    });
    await seat.shown(peek.getByText('completed', { exact: true }).first());
    await seat.gone(row);
    const seq = await receipt('Retry').getByRole('link').textContent();
    const [event] = await house.api().events({ type: 'kora.deed.done', order: 'desc', limit: 1 });
    expect(seq?.replaceAll(/\D/g, '')).toBe(String(event?.seq));
  });

  it('takes a ticket from a holder that hangs, puts another before the rest, and the old holder is refused', async () => {
    const { page } = seat;
    errands.set('anchor', true);
    const held = await errands.add('Haul up the anchor', { holds: 'anchor' });
    await until('it to be held', async () => (await errands.status(held)) === 'in_progress');
    await page.goto(`${up.ready.url}/tickets/${held}`);
    await page.getByRole('button', { name: 'Release claim' }).click();
    const dialog = page.getByRole('dialog', { name: `Release claim: ticket #${held}` });
    await seat.shown(dialog.getByText(`kora ticket release ${held} --reason "…"`, { exact: true }));
    await dialog.getByLabel(/^Reason/).fill('it hangs');
    await dialog.getByRole('button', { name: 'Release claim', exact: true }).click();
    await seat.shown(receipt('Release claim'));
    await until('another claim of it', async () => (await house.api().tickets.show(held)).fence === 2);
    errands.set('anchor', false);
    await until('it to be done', async () => (await errands.status(held)) === 'completed');
    const { outcomes } = await house.api().tickets.show(held);
    // The first holder ended as well: what it said was refused, so that only the second's end stands beside the release.
    expect(
      outcomes
        .map(({ fence, resolution }) => [fence, resolution])
        .toSorted(([a], [b]) => Number(a) - Number(b)),
    ).toEqual([
      [1, 'released'],
      [2, 'completed'],
    ]);
    const { ticketId } = await house.api().tickets.add({ kind: 'nobody', title: 'Polish the bell' });
    await page.goto(`${up.ready.url}/tickets/${ticketId}`);
    await page.getByRole('button', { name: 'Reprioritise' }).click();
    const urgent = page.getByRole('dialog', { name: `Reprioritise: ticket #${ticketId}` });
    await urgent.getByLabel('Priority from now on').selectOption('high');
    await urgent.getByLabel(/^Reason/).fill('the bell first');
    await urgent.getByRole('button', { name: 'Reprioritise', exact: true }).click();
    await seat.shown(receipt('Reprioritise'));
    expect((await house.api().tickets.show(ticketId)).priority).toBe('high');
  });

  it('adds one, and leads to it', async () => {
    const { page } = seat;
    await page.goto(`${up.ready.url}/tickets`);
    await page.getByRole('button', { name: 'Add a ticket' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a ticket' });
    const title = dialog.getByRole('textbox', { name: 'Title' });
    await expect.poll(() => title.evaluate((field) => field.matches(':focus'))).toBe(true);
    await title.fill('Paint the lighthouse');
    await dialog.getByLabel(/^What is to be reached/).fill('White, and the top red');
    await dialog.getByRole('combobox', { name: /^Priority/ }).selectOption('low');
    await dialog.getByRole('button', { name: 'Add a ticket', exact: true }).click();
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Paint the lighthouse' }));
    await seat.shown(receipt('Add a ticket'));
    const [, id] = /\/tickets\/(\d+)$/.exec(page.url()) ?? [];
    expect(await house.api().tickets.show(Number(id))).toMatchObject({
      title: 'Paint the lighthouse',
      objective: 'White, and the top red',
      priority: 'low',
    });
  });

  it('tries a failed ticket again by the keyboard alone, and the focus comes back to where it was', async () => {
    const { page } = seat;
    const { keyboard } = page;
    const ticketId = await failed('Grease the crane');
    await page.goto(`${up.ready.url}/`);
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Overview' }));
    await keyboard.press('g');
    await keyboard.press('t');
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Tickets' }));
    await keyboard.press('/');
    await keyboard.type('crane');
    await until('the filter to be in the address', () => page.url().includes('q=crane'));
    // Out of the field by Tab: Escape would empty it.
    await keyboard.press('Tab');
    const row = page.locator(`[data-row="/tickets/${ticketId}"]`);
    await seat.shown(row);
    await keyboard.press('j');
    await focused(row);
    await keyboard.press('Space');
    const peek = page.getByRole('complementary', { name: 'Peek' });
    const retry = peek.getByRole('button', { name: 'Retry', exact: true });
    await seat.shown(retry);
    await tabTo(retry);
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Retry: ticket #${ticketId}` });
    await focused(dialog.getByLabel(/^Reason/));
    await keyboard.type('it is greased');
    await keyboard.press('Enter');
    await seat.shown(receipt(`Retry: ticket #${ticketId}`));
    await seat.gone(dialog);
    await until('it to be done', async () => (await errands.status(ticketId)) === 'completed');
    await keyboard.press('Escape');
    await seat.gone(peek);
    expect(new URL(page.url()).searchParams.get('q')).toBe('crane');
    // It stands among the resolved by now, and has the focus there.
    await focused(page.locator(`#main [data-row="/tickets/${ticketId}"]`));
  });

  it('stops at L4 by the keyboard alone', async () => {
    const { page } = seat;
    const { keyboard } = page;
    const first = page.getByRole('link', { name: 'Skip to the panels' });
    await page.goto(`${up.ready.url}/tickets`);
    await seat.shown(page.getByRole('banner').getByText('Live', { exact: true }));
    await keyboard.press('Tab');
    await focused(first);
    await keyboard.press('Control+Shift+S');
    const dialog = page.getByRole('dialog', { name: 'Stop Kora' });
    await focused(dialog.getByRole('button', { name: 'Cancel' }));
    // Closed without a word, the focus is where it was.
    await keyboard.press('Escape');
    await seat.gone(dialog);
    await focused(first);
    await keyboard.press('Control+Shift+S');
    await focused(dialog.getByRole('button', { name: 'Cancel' }));
    // From the end of the dialog around to its beginning: nothing outside has the focus meanwhile.
    await tabTo(dialog.getByRole('radio').first());
    for (let step = 0; step < 3; step += 1) await keyboard.press('ArrowDown');
    expect(await dialog.getByRole('radio').nth(3).isChecked()).toBe(true);
    await keyboard.press('Tab');
    await focused(dialog.getByLabel('Type STOP L4'));
    await keyboard.type('STOP L4');
    await keyboard.press('Tab');
    await focused(dialog.getByLabel(/^Reason/));
    await keyboard.type('drill');
    await seat.shown(dialog.getByRole('button', { name: 'Stop L4', exact: true }));
    await tabTo(dialog.getByRole('button', { name: 'Stop L4', exact: true }));
    await keyboard.press('Enter');
    await seat.shown(dialog.getByText(/^Stop L4 is in force/));
    expect(await up.child.ended).toMatchObject({ code: 80 });
    await focused(dialog.getByRole('button', { name: /^Close/ }));
    await keyboard.press('Enter');
    await seat.gone(dialog);
    await focused(first);
  });

  it('nothing was stopped by the policy, and the page complains of nothing but the runtime that ended', async () => {
    const other = seat.complaints.filter((words) => !words.includes('net::ERR_'));
    expect([other, seat.violations]).toEqual([[], []]);
    up = await house.up(['--port', new URL(up.ready.url).port]);
    await expectClean(house);
  });

  /** Waits until it has the focus, and sees that an eye would find it. */
  async function focused(locator: Locator): Promise<void> {
    const { page } = seat;
    await until(`the focus on ${String(locator)}`, async () =>
      locator.evaluate((element) => element === element.ownerDocument.activeElement),
    );
    expect(await page.evaluate(isFocusSeen)).toBe(true);
  }

  /** Presses Tab until it has the focus; each place on the way can be seen, and none is the page itself twice. */
  async function tabTo(locator: Locator): Promise<void> {
    for (let step = 0; step < 60; step += 1) {
      await seat.page.keyboard.press('Tab');
      expect(await seat.page.evaluate(isFocusSeen)).toBe(true);
      if (await locator.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    }
    throw new Error(`no Tab leads to ${String(locator)}`);
  }
});

/** Whether what has the focus is drawn with a mark of it and lies within the window; the body has no mark to be drawn. */
const isFocusSeen = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return true;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const isMarked = (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
  return isMarked && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
})()`;

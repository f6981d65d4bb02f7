import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { expectClean, type Seat, shownMs, takeSeat } from './seat.ts';

const allTabs = 8;

describe('many tabs of one browser', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    up = await house.up();
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
    await seat.visit('Events');
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('eight of them read one stream, and each shows what happens', async () => {
    const more = Array.from({ length: allTabs - 1 }, () => openTab(seat.context, `${up.ready.url}/events`));
    await Promise.all(more);
    await told(house, seat.context.pages(), 'a-first-word');
    expect(await streamsOf(house)).toBe(1);
  });

  it('when the one that reads is closed another goes on, without gap', async () => {
    const [leader, ...others] = seat.context.pages();
    await leader?.close();
    await told(house, others, 'a-second-word');
    expect(await streamsOf(house)).toBe(1);
    for (const tab of others) {
      expect(await tab.getByText('are not on this page').count()).toBe(0);
      expect(await tab.getByText('Live', { exact: true }).count()).toBe(1);
    }
  });

  it('without locks each reads for itself', async () => {
    const alone = await takeSeat(browser, house);
    await alone.context.addInitScript(
      `Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`,
    );
    const tabs = await Promise.all([1, 2, 3].map(() => openTab(alone.context, `${up.ready.url}/events`)));
    // That of the first browser, that of the page with locks, and one for each.
    await until('all streams to be open', async () => (await streamsOf(house)) === 2 + tabs.length);
    await told(house, tabs, 'a-third-word');
    await expectClean(house, seat, alone);
  });
});

/** How many streams the runtime serves. */
async function streamsOf(house: House): Promise<number> {
  const answer = await fetch(`${house.url()}/api/diagnostics`, {
    headers: { authorization: `Bearer ${house.token()}` },
  });
  return z.object({ data: z.object({ streams: z.number() }) }).parse(await answer.json()).data.streams;
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor({ timeout: shownMs });
  return page;
}

/** Something happens, and every one of these tabs has it in its list. */
async function told(house: House, tabs: readonly Page[], title: string): Promise<void> {
  const ticket = await house.api().tickets.add({ title });
  const seq = await until('its event', async () => {
    const events = await house.api().events({ type: 'sea_ticket.created', order: 'desc', limit: 1 });
    return events.find(({ ticketId }) => ticketId === ticket.ticketId)?.seq;
  });
  await Promise.all(
    tabs.map((tab) => tab.locator(`#event-${seq}`).waitFor({ state: 'attached', timeout: shownMs })),
  );
}

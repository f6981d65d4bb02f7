import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

/** Pages with most panels: those of the snapshot, of reads of their own, and the list of events. */
const openPages = ['/', '/diagnostics', '/cost', '/recovery', '/daemons', '/events'];
/** More events than a snapshot holds, and than a runtime reads back for a page that was away. */
const someEvents = 150;
const tooManyEvents = 10_200;
/** After so long nobody is at the page. */
const idleMs = 66_000;

describe('the link between the page and its runtime', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;
  let tabs: readonly Page[];

  beforeAll(async () => {
    up = await house.up();
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
    const more = await Promise.all(openPages.slice(1).map((path) => openTab(seat, up.ready.url + path)));
    tabs = [seat.page, ...more];
    // A page whose code has come opens without a runtime too.
    for (const path of await pathsOf(seat.page)) await goTo(seat.page, path);
    await goTo(seat.page, '/');
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  // The 12 s themselves are those of store/link.test.ts; here they are measured, on a machine that may be busy.
  it('when the runtime is killed every panel is stale, says since when, and none says zero or none', async () => {
    for (const tab of tabs) await until('all panels to be true', () => every(tab, ['ready', 'empty']));
    const figures: { readonly path: string; readonly staleAfterMs: number }[] = [];
    for (const tab of tabs) await tab.evaluate(watchStaleness);
    const killedAt = Date.now();
    process.kill(up.ready.pid, 'SIGKILL');
    await up.child.ended;
    for (const tab of tabs) {
      const { staleAt, said } = await until(`${tab.url()} to be stale`, () => watchedOf(tab));
      figures.push({ path: new URL(tab.url()).pathname, staleAfterMs: staleAt - killedAt });
      // What was there before it was killed may have been a zero; no new one came, and none is left.
      expect([tab.url(), said, await tab.evaluate(nothings)]).toEqual([tab.url(), [], []]);
    }
    await seat.shown(seat.page.getByText('Was ready').first());
    await seat.shown(seat.page.getByText(/as of .*, \d+ s ago — no heartbeat/).first());
    await seat.picture('killed');
    console.info('stale after the runtime was killed:', JSON.stringify(figures));
  });

  it('what was never read is "not known" while it is away, on every page', async () => {
    const { page } = seat;
    for (const path of await pathsOf(page)) {
      await goTo(page, path);
      await until(`${path} to say how old it is`, () => every(page, ['stale', 'unavailable']));
      expect([path, await page.evaluate(nothings)]).toEqual([path, []]);
    }
  });

  it('back on the same port it goes on from its own sequence, without gap or repeat', async () => {
    // Until there is more than a snapshot brings the page hears nothing.
    await seat.context.setOffline(true);
    up = await again(house, up);
    await stage(house, someEvents);
    await seat.context.setOffline(false);
    for (const tab of tabs) await tab.getByText('Live', { exact: true }).waitFor();
    const events = tabs.at(-1) ?? seat.page;
    const shown = await until('the newest event to be shown', async () => {
      const list = await listOf(events);
      const [newest] = await house.api().events({ order: 'desc', limit: 1 });
      // The newest come first, with the snapshot; the stream brings what lies between.
      const isWhole = list.rows === list.newest - list.oldest + 1;
      if (isWhole && list.newest === newest?.seq) return list;
      throw new Error(JSON.stringify({ ...list, head: newest?.seq }));
    });
    expect(shown.oldest).toBeLessThanOrEqual(shown.newest - someEvents);
  });

  it('what the runtime does not read back any more is read anew, and no ticket is lost', async () => {
    const { page } = seat;
    const frames = await framesOf(seat, tabs);
    await seat.visit('Tickets');
    // A stream that stands does not hear that the browser is offline: it has to end first.
    await seat.context.setOffline(true);
    up = await again(house, up);
    const titles = ['Wash the north gate', 'Wash the south gate'];
    for (const title of titles) await house.api().tickets.add({ title });
    const [before] = await house.api().events({ order: 'desc', limit: 1 });
    await stage(house, tooManyEvents);
    await until('all to be sealed', async () => {
      const [newest] = await house.api().events({ order: 'desc', limit: 1 });
      return (newest?.seq ?? 0) >= (before?.seq ?? 0) + tooManyEvents;
    });
    await seat.context.setOffline(false);
    await until('the resync', () => frames.includes('resync'));
    for (const title of titles) await seat.shown(page.getByRole('link', { name: title }));
    await goTo(page, '/');
    await until('the lanes to be those of the API', async () => {
      const counts = Object.entries((await house.api().status()).tickets ?? {});
      const shown = await Promise.all(counts.map(([lane]) => laneOf(page, lane)));
      expect(shown).toEqual(counts.map(([, count]) => count));
      return true;
    });
  });

  it('a newer build offers to load the page again, not during a dialog, and by itself when nobody is there', async () => {
    const { context } = seat;
    const page = await context.newPage();
    await page.clock.install();
    // One release cannot be two builds: the first snapshot is made to name an earlier one.
    await page.route('**/api/snapshot', async (route) => {
      const answer = await route.fetch();
      const body = z.looseObject({ data: z.looseObject({}) }).parse(await answer.json());
      await route.fulfill({ response: answer, json: { ...body, data: { ...body.data, build: '0.0.9' } } });
    });
    await page.goto(`${up.ready.url}/events`);
    const offer = page.getByText('Kora was updated to');
    await offer.waitFor();
    await page.evaluate('globalThis.loadedOnce = true');
    await page.keyboard.press('Control+Shift+S');
    await page.getByRole('dialog').waitFor();
    await page.clock.fastForward(idleMs);
    expect(await page.evaluate('globalThis.loadedOnce')).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.unroute('**/api/snapshot');
    await page.clock.fastForward(idleMs);
    await until('the page to load itself again', async () => {
      return (await page.evaluate('globalThis.loadedOnce === undefined')) === true;
    });
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await offer.count()).toBe(0);
    await page.close();
  });

  it('nothing on the way was stopped by the policy or went wrong in the page', () =>
    expectClean(house, seat));
});

/** Kills the runtime and starts another one on the same port. */
async function again(house: House, { child, ready }: Up): Promise<Up> {
  if (child.end === undefined) process.kill(ready.pid, 'SIGKILL');
  await child.ended;
  return await house.up(['--port', new URL(ready.url).port]);
}

/** The kinds of frames that the browser gets from now on; any tab may be the one that reads. */
async function framesOf({ context }: Seat, tabs: readonly Page[]): Promise<readonly string[]> {
  const frames: string[] = [];
  for (const tab of tabs) {
    const devtools = await context.newCDPSession(tab);
    devtools.on('Network.eventSourceMessageReceived', ({ eventName }) => frames.push(eventName));
    await devtools.send('Network.enable');
  }
  return frames;
}

/** How many the overview says that a lane has. */
async function laneOf(page: Page, lane: string): Promise<number> {
  const figure = page.locator(`main a[href="/tickets?lane=${lane}"] > span`).nth(1);
  return Number(await figure.textContent());
}

/** As a link of the page does it, without a document. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await page.locator('[data-panel]').first().waitFor();
}

async function openTab(seat: Seat, url: string): Promise<Page> {
  const page = await seat.context.newPage();
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

const listSchema = z.object({ rows: z.number(), oldest: z.number(), newest: z.number() });

/** How many events the list has, and from where to where. */
async function listOf(page: Page): Promise<z.infer<typeof listSchema>> {
  return listSchema.parse(
    await page.evaluate(`(() => {
      const chain = [...document.querySelectorAll('[data-panel]')].find((panel) => panel.querySelector('h2').textContent === 'Chain');
      const [from, to] = [...document.querySelectorAll('input[inputmode=numeric][placeholder]')].map(({ placeholder }) => Number(placeholder)).slice(-2);
      return { rows: Number(chain.querySelector('h2 + span').textContent.replaceAll(/\\D/g, '')), oldest: from, newest: to };
    })()`),
  );
}

/** Events of nobody, past the runtime: its sealer takes them as it takes those of another runtime. */
async function stage(house: House, count: number): Promise<void> {
  await using store = await house.store();
  await store.rows(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body)
     select workspace_id, 'e2e.tick', actor_id, runtime_id, '{}' from generate_series(1, $1),
       (select workspace_id, actor_id, runtime_id from kora.event order by seq desc limit 1) as one`,
    [count],
  );
}

async function every(page: Page, states: readonly string[]): Promise<boolean> {
  const found = z
    .array(z.string())
    .parse(
      await page.evaluate(
        `[...document.querySelectorAll('[data-panel]')].map(({ dataset }) => dataset.panel)`,
      ),
    );
  if (found.length > 0 && found.every((state) => states.includes(state))) return true;
  throw new Error(found.length > 0 ? found.join(' ') : await page.locator('main').innerText());
}

const watchedSchema = z.object({ staleAt: z.number(), said: z.array(z.string()) });

async function watchedOf(page: Page): Promise<z.infer<typeof watchedSchema> | undefined> {
  return watchedSchema.safeParse(await page.evaluate('globalThis.staleness')).data;
}

// As text: it runs in the page, whose names this program does not know.

/** Every word or figure of the page that says that there is nothing. */
const nothings = `[...document.querySelectorAll('body *')]
  .filter((element) => element.childElementCount === 0 && element.checkVisibility())
  .map((element) => element.textContent.trim())
  .filter((text) => /^([$#]?0([.,]0+)?|0\\/\\d+|none|nothing( .*)?|no [a-z]+)$/i.test(text))`;

/** Looks ten times a second until every panel is stale, and for what says that there is nothing and was not there. */
const watchStaleness = `(() => {
  const nothings = () => ${nothings};
  const before = new Set(nothings());
  const said = [];
  globalThis.staleness = { staleAt: null, said };
  const timer = setInterval(() => {
    said.push(...nothings().filter((text) => !before.has(text)));
    if ([...document.querySelectorAll('[data-panel]')].some(({ dataset }) => dataset.panel !== 'stale')) return;
    globalThis.staleness.staleAt = Date.now();
    clearInterval(timer);
  }, 100);
})()`;

async function pathsOf(page: Page): Promise<string[]> {
  const links = `[...document.querySelectorAll('nav[aria-label=Panels] a')].map((link) => link.getAttribute('href'))`;
  return [...new Set(z.array(z.string()).parse(await page.evaluate(links)))];
}

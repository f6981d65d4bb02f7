import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBrowser } from '../harness/browser.ts';
import { until } from '../harness/wait.ts';
import { judge } from './axe.ts';
import { Day } from './day.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const shell = new URL('../../packages/cockpit/src/web/shell/', import.meta.url);
const themes = ['light', 'dark'] as const;
const texts = z.array(z.string());

/** Paths of the rail and patterns of pages, as the page's own source has them. */
const ofTheRail = matches('routes.ts', /\bpath: '([^']+)'/g);
const patterns = matches('pages.tsx', /<Route path="([^"]+)"/g);

function matches(file: string, pattern: RegExp): string[] {
  const text = readFileSync(new URL(file, shell), 'utf8');
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

let day: Day;
let browser: Browser;
let seat: Seat;
let page: Page;
/** Every page there is, once. */
let everywhere: readonly string[];

beforeAll(async () => {
  [day, browser] = await Promise.all([Day.staged(), openBrowser()]);
  seat = await takeSeat(browser, day.house);
  page = seat.page;
  const places = await day.addresses();
  everywhere = [
    ...new Set([...ofTheRail, ...patterns.map((pattern) => places[pattern] ?? pattern)]),
    '/nowhere',
  ];
});

afterAll(async () => {
  await browser?.close();
  await day?.[Symbol.asyncDispose]();
});

/** Goes there without loading a document, as a link does, and waits until its panels have what they show. */
async function go(path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await until(`${path} to show what it has`, () =>
    page.evaluate<boolean>(
      // While the next page comes, the one before it is hidden, not gone.
      "document.querySelector('h1')?.checkVisibility() === true && document.querySelector('[data-panel=loading]') === null",
    ),
  );
}

/** For each page, what is found there; only pages with findings. */
async function overall(look: (path: string) => Promise<readonly string[]>): Promise<string[]> {
  const found: string[] = [];
  for (const path of everywhere) {
    await go(path);
    found.push(...(await look(path)).map((line) => `${path}: ${line}`));
  }
  return found;
}

const ask = async (script: string): Promise<string[]> => texts.parse(await page.evaluate(script));

describe('every page', () => {
  it('is in the list of these tests', () => {
    expect(everywhere.filter((path) => path.includes(':'))).toEqual([]);
    expect(everywhere.length).toBeGreaterThanOrEqual(ofTheRail.length + 12);
  });

  it('has no finding of axe, in the light and in the dark', async () => {
    const unsure = new Set<string>();
    const found = await overall(async (path) => {
      const all: string[] = [];
      for (const theme of themes) {
        await page.emulateMedia({ colorScheme: theme });
        const { violations, incomplete } = await judge(page, theme === 'light' ? 'all' : 'colour');
        all.push(...violations.map((line) => `${theme} ${line}`));
        for (const rule of incomplete) unsure.add(`${rule} ${path.split('/')[1] ?? ''}`);
      }
      return all;
    });
    expect(found).toEqual([]);
    // What axe cannot say, and a person looked at; what it says of a page also turns on how much has come by then.
    const lookedAt = [
      'color-contrast cost',
      'color-contrast events',
      'color-contrast logs',
      'color-contrast promotions',
      'color-contrast state',
      'color-contrast tickets',
      'target-size daemons',
      'target-size probes',
    ];
    expect([...unsure].filter((line) => !lookedAt.includes(line))).toEqual([]);
  }, 600_000);

  it('fits 320 px, and 720 px as a window of 1440 px has at 200 %, without scrolling sideways', async () => {
    for (const width of [720, 320]) {
      await page.setViewportSize({ width, height: 800 });
      // A table sees in the next frame that it has no room; what is still too wide then stays so.
      const still = async () =>
        (await ask(wide)).length === 0 ? [] : await page.waitForTimeout(200).then(() => ask(wide));
      expect(await overall(still), `at ${width} px`).toEqual([]);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('has targets of 24 px, and says nothing by itself but by the one live region', async () => {
    expect(await overall(async () => [...(await ask(small)), ...(await ask(regions))])).toEqual([]);
  });

  it('moves nothing where motion is not wanted, and shows its controls in forced colours', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    expect(await overall(async () => [...(await ask(moving)), ...(await ask(edgeless))])).toEqual([]);
    await page.emulateMedia({ reducedMotion: null, forcedColors: null });
  });
});

describe('what lies over the page', () => {
  /** By which control each is opened, and on which page. */
  const dialogs = [
    { name: 'Stop Kora', path: '/', opener: 'Stop' },
    { name: 'Settings of this browser', path: '/', opener: 'Settings' },
    { name: 'Keys', path: '/', opener: 'Keys' },
    { name: 'Pause', path: '/', opener: 'Pause' },
    { name: 'Approve', path: '/promotions/1', opener: 'Approve' },
    { name: 'Acknowledge', path: '/alerts', opener: 'Acknowledge' },
    { name: 'Reject', path: '/promotions/1', opener: 'Reject' },
  ];

  it.each(dialogs)('$name: no finding, keeps the focus in, and gives it back', async ({ path, opener }) => {
    await go(path);
    const button = page.locator('header, main').getByRole('button', { name: opener }).first();
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog[open]');
    await seat.shown(dialog);
    // Also where its button stands in a table, whose cells do not wrap.
    const beyond =
      "[document.querySelector('dialog[open]')].map((box) => box.scrollWidth - box.clientWidth)[0]";
    expect(await page.evaluate(beyond)).toBe(0);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      expect((await judge(page, theme === 'light' ? 'all' : 'colour')).violations).toEqual([]);
    }
    // Round it and back: the browser's own bar is the one other place that a modal dialog leaves.
    for (let n = 0; n < 12; n += 1) {
      await page.keyboard.press(n < 8 ? 'Tab' : 'Shift+Tab');
      expect(await page.evaluate(outside)).toBe(false);
    }
    await page.keyboard.press('Escape');
    await seat.gone(dialog);
    expect(await button.and(page.locator(':focus')).count()).toBe(1);
  });

  it('the palette opens over any page, and gives the focus back', async () => {
    await go('/tickets');
    const filter = page.getByRole('searchbox');
    await filter.focus();
    await page.keyboard.press('Control+k');
    await seat.shown(page.getByRole('combobox', { name: 'What to go to' }));
    await page.keyboard.type('shop');
    expect((await judge(page)).violations).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await filter.and(page.locator(':focus')).count()).toBe(1);
  });
});

describe('by the keyboard', () => {
  it('the first stop skips to the panels; no stop is hidden by a bar that sticks, forwards or back', async () => {
    await page.setViewportSize({ width: 1440, height: 420 });
    await page.reload();
    await go('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the panels');
    const hidden: string[] = [];
    for (let n = 0; n < 110; n += 1) {
      await page.keyboard.press(n < 60 ? 'Tab' : 'Shift+Tab');
      hidden.push(...(await ask(obscured)));
    }
    expect(hidden).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('goes through the page in the order in which it is read', async () => {
    expect(await ask(disordered)).toEqual([]);
  });
});

describe('the settings of this browser', () => {
  const styleOf = (property: string): Promise<string> =>
    page.evaluate<string>(
      `getComputedStyle(document.documentElement).getPropertyValue('${property}').trim()`,
    );

  async function choose(...names: readonly string[]): Promise<void> {
    await page.getByRole('button', { name: 'Settings' }).click();
    for (const name of names) await page.getByRole('radio', { name, exact: true }).check();
    await page.keyboard.press('Escape');
  }

  it('theme, rows and zone are as chosen, at once and after a reload', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await choose('dark', 'compact (28 px)', 'UTC');
    const chosen = async (): Promise<readonly string[]> => [
      await page.evaluate<string>('getComputedStyle(document.body).backgroundColor || ""'),
      await styleOf('--row'),
      await styleOf('color-scheme'),
    ];
    const now = await chosen();
    expect(now.slice(1)).toEqual(['28px', 'dark']);
    await page.reload();
    await seat.shown(page.getByRole('heading', { level: 1 }));
    expect(await chosen()).toEqual(now);
    await go('/events');
    const time = page.locator('main time').first();
    await seat.shown(time);
    expect(await time.getAttribute('title')).toMatch(/UTC$/);
    await choose('as the system', 'comfortable (40 px)', 'of this machine');
    expect(await styleOf('--row')).toBe('40px');
  });

  it('a note of the browser is asked for, and a refusal is said', async () => {
    await page.getByRole('button', { name: 'Settings' }).click();
    const box = page.getByRole('checkbox', { name: /^Note of the browser/ });
    await box.click();
    await seat.shown(page.getByText('The browser does not allow it for this page.'));
    expect(await box.isChecked()).toBe(false);
    await seat.context.grantPermissions(['notifications']);
    await box.click();
    await expect.poll(() => box.isChecked()).toBe(true);
    await page.keyboard.press('Escape');
  });
});

it('the live region merges what happens: one message in five seconds at most, and no ticking value', async () => {
  await page.evaluate(hear);
  const said = async () =>
    z.array(z.object({ at: z.number(), text: z.string() })).parse(await page.evaluate('heard'));
  const isPaused = page.getByRole('banner').getByRole('link', { name: 'Paused', exact: true });
  const { holdId } = await day.api.pause('one');
  // A pause that nobody saw is no word.
  await seat.shown(isPaused);
  await day.api.resume('two', holdId);
  await seat.gone(isPaused);
  await until('the first word', async () => (await said()).length > 0);
  await day.api.pause('three');
  await until('the second word', async () => (await said()).length > 1);
  const [first, second] = await said();
  // A timer may come a little early; a message per event would be a hundred times that.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(4_500);
  for (const { text } of await said()) expect(text).not.toMatch(/\d+ (ms|s|min)\b|\d:\d\d/);
});

it('nothing on the way was stopped by the policy or went wrong in the page', async () => {
  await expectClean(day.house, seat);
});

/** What of the page is wider than the window: the page itself, or a part that scrolls sideways in itself. */
const wide = `(() => {
  const over = (element) => element.scrollWidth - element.clientWidth;
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) && over(element) > 1;
  const parts = [...document.querySelectorAll('main *')].filter((element) => element.checkVisibility() && scrolls(element));
  const said = parts.map((part) => (part.getAttribute('aria-label') ?? part.tagName) + ' by ' + over(part));
  const whole = over(document.documentElement);
  return whole > 0 ? ['the page by ' + whole, ...said] : said;
})()`;

/** Controls below 24 px; of links in a sentence and of what has room around itself axe speaks. */
const small = `[...document.querySelectorAll('button, input, select, summary, [role=tab]')]
  .filter((element) => element.checkVisibility() && !element.closest('[role=group] button') && !element.closest('.sr-only'))
  .map((element) => [element.closest('label') ?? element, element.getBoundingClientRect()])
  .map(([target]) => [target, target.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 23.5 || height < 23.5))
  .map(([target, { width, height }]) => target.outerHTML.slice(0, 120) + ' ' + width + ' x ' + height)`;

/** Regions that speak beside the one; in a panel they only answer what was asked there, so none has a clock in it. */
const regions = `(() => {
  const all = [...document.querySelectorAll('[aria-live=polite], [role=status]')];
  const ofTheShell = all.filter((region) => !region.closest('main'));
  const ticking = all.filter((region) => region.querySelector('time') !== null);
  const count = ofTheShell.length === 1 ? [] : [ofTheShell.length + ' live regions of the shell'];
  return [...count, ...ticking.map((region) => 'a clock in ' + region.outerHTML.slice(0, 120))];
})()`;

const moving = `document.getAnimations().map((animation) => String(animation.animationName ?? animation.transitionProperty))`;

/** Buttons that nothing but a lost fill told from text. */
const edgeless = `[...document.querySelectorAll('button')]
  .filter((button) => button.checkVisibility() && button.querySelector('svg') === null)
  .filter((button) => parseFloat(getComputedStyle(button).borderTopWidth) === 0
    && !getComputedStyle(button).textDecorationLine.includes('underline'))
  .map((button) => button.outerHTML.slice(0, 160))`;

/** Whether the focus is on the page behind the dialog. */
const outside = `document.activeElement !== document.body && document.activeElement.closest('dialog[open]') === null`;

/** What has the focus and cannot be seen: nothing of it is where it seems to be (WCAG 2.4.11). */
const obscured = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return [];
  const { left, top, width, height } = element.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  const isSeen = points.some(([x, y]) => {
    const at = document.elementFromPoint(left + width * x, top + height * y);
    return at !== null && (element.contains(at) || at.contains(element));
  });
  return isSeen ? [] : [element.outerHTML.slice(0, 120)];
})()`;

/** Whatever asks for another order than that of the document. */
const disordered = `[...document.querySelectorAll('[tabindex]')].filter((element) => element.tabIndex > 0)
  .map((element) => element.outerHTML.slice(0, 120))`;

/** Keeps what the live region says, and when. */
const hear = `(() => {
  const region = document.querySelector('[aria-live=polite]');
  globalThis.heard = [];
  new MutationObserver(() => heard.push({ at: performance.now(), text: region.textContent }))
    .observe(region, { childList: true, characterData: true, subtree: true });
})()`;

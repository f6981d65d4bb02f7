import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { until } from '../harness/wait.ts';
import { Day } from './day.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const artifacts = fileURLToPath(new URL('../.artifacts/pictures', import.meta.url));
const docs = fileURLToPath(new URL('../../docs', import.meta.url));
/** Set, the pictures of the documentation are these; `npm run pictures`. */
const forDocs = process.env['KORA_PICTURES'] === 'docs';
const mostBytes = 200_000;

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly theme: 'light' | 'dark';
  /** What is done before it is taken. */
  readonly act?: (page: Page) => Promise<void>;
}

const pictures: readonly Picture[] = [
  { name: 'cockpit', path: '/', theme: 'light' },
  { name: 'cockpit-dark', path: '/', theme: 'dark' },
  { name: 'cockpit-tickets', path: '/tickets', theme: 'light' },
  {
    name: 'cockpit-probes',
    path: '/probes',
    theme: 'dark',
    // The looks behind come after the table.
    act: (page) => page.getByRole('row', { name: /^shop/ }).getByRole('button').nth(2).waitFor(),
  },
  { name: 'cockpit-wakes', path: '/wakes', theme: 'light' },
  { name: 'cockpit-reasoning', path: '/reasoning', theme: 'dark' },
  {
    name: 'cockpit-cost',
    path: '/cost',
    theme: 'light',
    // What draws the lines comes when there are some.
    act: (page) => page.locator('figure canvas').first().waitFor(),
  },
  { name: 'cockpit-proposal', path: '/promotions/:id', theme: 'light' },
  {
    name: 'cockpit-stop',
    path: '/wakes',
    theme: 'light',
    act: async (page) => {
      // Nobody may stop before the page knows whether they may.
      await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
      await page.keyboard.press('Control+Shift+S');
      await page.getByRole('dialog', { name: 'Stop Kora' }).getByRole('radio').first().waitFor();
    },
  },
  {
    name: 'cockpit-palette',
    path: '/',
    theme: 'dark',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('sh');
    },
  },
];

let day: Day;
let browser: Browser;
let seat: Seat;
let places: Readonly<Record<string, string>>;

beforeAll(async () => {
  [day, browser] = await Promise.all([Day.staged(), openBrowser()]);
  seat = await takeSeat(browser, day.house);
  await seat.page.setViewportSize({ width: 1280, height: 800 });
  places = await day.addresses();
  mkdirSync(artifacts, { recursive: true });
});

afterAll(async () => {
  await browser?.close();
  await day?.[Symbol.asyncDispose]();
});

/** Takes it; answers how many bytes it has. */
async function take({ name, path, theme, act }: Picture): Promise<number> {
  const { page } = seat;
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.goto(new URL(places[path] ?? path, day.house.url()).href);
  await until(`${path} to show what it has`, () =>
    page.evaluate<boolean>(
      "document.querySelector('h1')?.checkVisibility() === true && document.querySelector('[data-panel=loading]') === null",
    ),
  );
  // Every list has come, and what needs the operator is counted.
  await page.getByText(/^at least /).waitFor({ state: 'hidden' });
  await act?.(page);
  const file = join(artifacts, `${name}.png`);
  await page.screenshot({ path: file });
  const { size } = statSync(file);
  if (forDocs && size < mostBytes) copyFileSync(file, join(docs, `${name}.png`));
  return size;
}

it.each(pictures)('$name', async (picture) => {
  const size = await take(picture);
  expect(size).toBeLessThan(mostBytes);
  // An empty page of this size is smaller than this.
  expect(size).toBeGreaterThan(10_000);
});

it('cockpit-paused', async () => {
  await day.api.stop(2, 'the mirror fills the disk');
  await day.api.pause('deploying the database', 3_600_000);
  await seat.shown(seat.page.getByText('deploying the database').first());
  expect(await take({ name: 'cockpit-paused', path: '/', theme: 'light' })).toBeLessThan(mostBytes);
  await expectClean(day.house, seat);
});

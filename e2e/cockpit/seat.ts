import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pairingSchema } from '@kora/runtime/client';
import type { Browser, Locator } from 'playwright-core';
import { expect } from 'vitest';
import { type Watched, watchedPage } from '../harness/browser.ts';
import type { House } from '../harness/house.ts';

/** How long a condition of the page may take on a busy machine; a fault, and never a duration that is asserted. */
export const shownMs = 15_000;
const artifacts = fileURLToPath(new URL('../.artifacts', import.meta.url));

/** An operator before the page, in a browser profile of their own. */
export class Seat {
  readonly #watched: Watched;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  get page(): Watched['page'] {
    return this.#watched.page;
  }

  get context(): Watched['context'] {
    return this.#watched.context;
  }

  /** Console errors and warnings, and uncaught errors, so far. */
  get complaints(): readonly string[] {
    return this.#watched.complaints;
  }

  /** What the content security policy stopped so far. */
  get violations(): readonly string[] {
    return this.#watched.violations;
  }

  /** Waits until it can be seen. */
  async shown(locator: Locator): Promise<void> {
    await locator.waitFor({ state: 'visible', timeout: shownMs });
  }

  /** Waits until it cannot be seen any more. */
  async gone(locator: Locator): Promise<void> {
    await locator.waitFor({ state: 'hidden', timeout: shownMs });
  }

  /** Goes to a page by the rail, without loading a document. */
  async visit(title: string): Promise<void> {
    const rail = this.page.getByRole('navigation', { name: 'Panels' });
    // By its words and not by its name: what waits behind a link is in that too, `Proposals 1 wait for your word`.
    const words = this.page.getByText(title, { exact: true });
    await rail.getByRole('link').filter({ has: words }).click();
    await this.shown(this.page.getByRole('heading', { level: 1, name: title }));
  }

  /** A picture to be looked at: `.artifacts/cockpit-NAME.png`. */
  async picture(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: join(artifacts, `cockpit-${name}.png`) });
  }
}

/**
 * Signs in by `kora cockpit` of the house, with its flags: `--read-only`, `--scopes read,operate`. The seat stands on
 * the overview, with a live stream.
 */
export async function takeSeat(browser: Browser, house: House, ...flags: string[]): Promise<Seat> {
  const seat = new Seat(await watchedPage(browser));
  const { data } = await house.read(pairingSchema, 'cockpit', ...flags);
  await seat.page.goto(data.url);
  await seat.shown(seat.page.getByRole('heading', { level: 1, name: 'Overview' }));
  return seat;
}

/** What every flow ends with: the policy stopped nothing, no page complained, and no browser reported anything. */
export async function expectClean(house: House, ...seats: readonly Seat[]): Promise<void> {
  for (const { complaints, violations } of seats) expect([complaints, violations]).toEqual([[], []]);
  expect((await house.api().cspReports()).last).toEqual([]);
}

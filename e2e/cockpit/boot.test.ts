import { bootStatusSchema, statusSchema } from '@kora/runtime/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { Database } from '../harness/database.ts';
import { House } from '../harness/house.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

describe('a boot that waits for its database, in a page that was open before', () => {
  const [server, house] = [new House(), new House()];
  const upLine = (port: string): string[] => ['up', '--json', '--port', port];
  let env: { KORA_DATABASE_URL: string };
  let database: Database;
  let browser: Browser;
  let seat: Seat;
  let port: string;

  beforeAll(async () => {
    await server.up();
    database = await Database.create(server, 'elsewhere');
    await database.open();
    env = { KORA_DATABASE_URL: database.url() };
    const { ready } = await house.up([], { env });
    ({ port } = new URL(ready.url));
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
    await database?.close();
    await server[Symbol.asyncDispose]();
  });

  it('has a row for every gate, and it says what `kora boot` says', async () => {
    await seat.visit('Boot');
    await seat.shown(seat.page.getByText('11/11 passed', { exact: false }).first());
    await expectRows(seat, house);
  });

  it('shows at which gate it waits and for what while nothing else answers, and takes no focus', async () => {
    const { page } = seat;
    expect((await house.kora('down')).code).toBe(0);
    await database.close();
    const child = house.start(upLine(port), { env });
    await child.said(/trying again/);
    const answers = ['readyz', 'healthz'].map(async (path) => (await fetch(`${house.url()}/${path}`)).status);
    expect(await Promise.all(answers)).toEqual([503, 200]);
    await seat.shown(page.getByText(/^0\/11 passed, booting$/));
    const gate = page.getByRole('listitem', { name: /^Gate 3 said no/ });
    await seat.shown(gate.getByText(`127.0.0.1:${database.port}/elsewhere`, { exact: false }));
    const spoken = page.getByRole('status').filter({ hasText: 'unavailable' });
    await spoken.waitFor({ state: 'attached' });
    expect(await spoken.textContent()).not.toContain('passed');
    expect(await page.locator('li:focus').count()).toBe(0);
    await expectRows(seat, house);
    await seat.picture('boot-waits');

    await database.open();
    await house.isUp(child);
    await seat.shown(page.getByText(/^11\/11 passed in .* · boot #2$/).first());
    await seat.shown(page.getByText('Live', { exact: true }));
    await expectRows(seat, house);
    expect((await house.read(statusSchema, 'status')).data.store).toContain('/elsewhere');
  });

  it('nothing on the way was stopped by the policy or went wrong in the page', () =>
    expectClean(house, seat));
});

const words = { pass: 'passed', fail: 'failed', unavailable: 'unavailable', not_reached: 'not reached' };

/** Every gate of `kora boot` stands in the page, in its order, with its number, how it ended, its title and its name. */
async function expectRows(seat: Seat, house: House): Promise<void> {
  const { gates } = (await house.read(bootStatusSchema.shape.current, 'boot')).data;
  const rows = seat.page.getByRole('region', { name: 'Gates', exact: true }).getByRole('listitem');
  const texts = await rows.allInnerTexts();
  expect(
    texts.map((text) =>
      text
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim()),
    ),
  ).toEqual(
    gates.map(({ outcome, title, gateId }, at) => [
      String(at + 1),
      words[outcome],
      title,
      expect.stringMatching(new RegExp(`^${gateId} ·`)),
    ]),
  );
}

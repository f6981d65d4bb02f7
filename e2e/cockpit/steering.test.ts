import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { Errands } from './errands.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

/** Told by the document itself: what in the bar began to move. Its names are the browser's. */
const watchBar = `globalThis.moved = [];
for (const kind of ['animationstart', 'transitionrun'])
  addEventListener(kind, ({ target }) => {
    if (target instanceof Element && target.closest('header')) globalThis.moved.push(kind);
  }, true);`;

describe('steering Kora from the page', () => {
  const house = new House();
  const errands = new Errands(house);
  let up: Up;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    [up, browser] = await Promise.all([house.up([], { env: { KORA_CREDIT_POOL_USD: '40' } }), openBrowser()]);
    seat = await takeSeat(browser, house);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('work taken up and laid down again is one line of the state, each on request, and the bar stands still', async () => {
    const { page } = seat;
    await page.evaluate(watchBar);
    await seat.visit('State');
    const changes = page.getByRole('group', { name: 'Changes, newest first' });
    const cycles = changes.getByText(/^\d+ work cycles$/);
    await until('three cycles of work in one line', async () => {
      const before = await house.api().operationalState();
      if (before.primaryState === 'ready') await errands.add('sweep the yard');
      const words = (await cycles.first().textContent({ timeout: 500 })) ?? '';
      return Number.parseInt(words, 10) >= 3;
    });
    expect(await changes.getByText('Active', { exact: true }).count()).toBe(0);
    await page.getByLabel('Work cycles').selectOption('each');
    await seat.shown(changes.getByText('Active', { exact: true }).first());
    expect(new URL(page.url()).searchParams.get('cycles')).toBe('each');
    await seat.gone(cycles.first());
    expect(await page.evaluate('globalThis.moved')).toEqual([]);
  });

  it('pauses for an hour, says so on every page with what may come next, and resumes from there with what goes on first', async () => {
    const { page } = seat;
    const bar = page.getByRole('banner');
    await bar.getByRole('button', { name: 'Pause' }).click();
    const asked = page.getByRole('dialog', { name: 'Pause Kora' });
    await asked.getByLabel('How long').selectOption('1h');
    await asked.getByLabel(/^Reason/).fill('deploying the database');
    await asked.getByRole('button', { name: 'Pause', exact: true }).click();
    await seat.gone(asked);
    const keeps = page.getByRole('region', { name: 'What keeps Kora' });
    await seat.shown(keeps.getByText('deploying the database'));
    await seat.shown(keeps.getByText(/ends in (1 h|59 min|60 min)/));
    await seat.shown(bar.getByRole('link', { name: 'Paused' }));
    const others = page.getByRole('list', { name: 'Other states' });
    await seat.shown(others.getByText('hold.cleared'));
    await seat.shown(others.getByText('not from here: no ticket is held, it is ready first'));
    await seat.picture('state');
    await errands.add('wait for the end of the pause');
    await keeps.getByRole('button', { name: 'Resume', exact: true }).click();
    const back = page.getByRole('dialog', { name: /^Lift hold/ });
    const { queued } = (await house.api().buckets()).counts;
    const first = `First: ${queued} queued ${queued === 1 ? 'ticket' : 'tickets'} and 0 deferred; `;
    await seat.shown(back.getByText(first));
    await seat.shown(back.getByText('$40.00 is left this month.'));
    await seat.picture('resume');
    await back.getByLabel(/^Reason/).fill('it is deployed');
    await back.getByRole('button', { name: 'Resume', exact: true }).click();
    await seat.shown(page.locator('[data-receipt="done"]').filter({ hasText: 'Lift hold' }));
    await seat.gone(keeps);
    expect((await house.api().operationalState()).holds).toEqual([]);
    await until('the ticket to be worked', async () => {
      const [newest] = await house.api().tickets.list({ limit: 1 });
      return newest?.status === 'completed';
    });
  });

  it('stops at L4 only by its phrase, a reason and a moment to think, once, and says what came of it', async () => {
    const { page } = seat;
    errands.set('anchor', true);
    const held = await errands.add('hold on to the anchor', { holds: 'anchor' });
    await until('it to be held', async () => (await errands.status(held)) === 'in_progress');
    await page.keyboard.press('Control+Shift+S');
    const dialog = page.getByRole('dialog', { name: 'Stop Kora' });
    await seat.shown(dialog);
    expect(await dialog.getByRole('button', { name: 'Cancel' }).evaluate(isFocused)).toBe(true);
    const level = dialog.getByRole('radio').nth(3);
    await level.check();
    const preview = await page.request.get(`${up.ready.url}/api/stop/preview?level=4`);
    const { data } = (await preview.json()) as { data: { effect: string; claimsReleased: number[] } };
    expect(data.claimsReleased).toEqual([held]);
    await seat.shown(dialog.getByText(data.effect));
    await seat.shown(
      dialog.getByText(/^Releases 1 claim, .*ends this process\. Start it again with kora up;/).first(),
    );
    const stop = dialog.getByRole('button', { name: /^Stop L4/ });
    await dialog.getByLabel(/^Reason/).fill('it does the wrong thing');
    await dialog.getByLabel('Type STOP L4').fill('stop l4');
    expect(await stop.isDisabled()).toBe(true);
    // Enter in a field goes nowhere before the phrase is right.
    await dialog.getByLabel('Type STOP L4').press('Enter');
    await dialog.getByLabel('Type STOP L4').fill('STOP L4');
    await seat.shown(dialog.getByRole('button', { name: /^Stop L4 in \d s$/ }));
    expect((await house.api().koraControl()).commands).toEqual([]);
    await seat.picture('stop-armed');
    await seat.shown(dialog.getByRole('button', { name: 'Stop L4', exact: true }));
    // As a hand that trembles does: twice before the page has drawn anything.
    await stop.evaluate(pressTwice);
    await seat.shown(dialog.getByText(/^Stop L4 is in force( · #[\d,]+)?\.$/));
    await seat.shown(dialog.getByText(/^(Was s|S)topped/));
    await seat.picture('stopped');
    expect(await page.locator('[data-receipt]').filter({ hasText: 'Stop L4' }).count()).toBe(1);
    expect(await up.child.ended).toMatchObject({ code: 80 });
    await dialog.getByRole('button', { name: /^Close/ }).click();
  });

  it('refuses honestly to stop what it does not reach, keeps nothing of it for later, and says the command', async () => {
    const { page } = seat;
    await page.keyboard.press('Control+Shift+S');
    const dialog = page.getByRole('dialog', { name: 'Stop Kora' });
    await seat.shown(dialog.getByText('A stop will be tried directly now; it is not queued.'));
    await dialog.getByRole('radio').nth(1).check();
    await dialog.getByLabel(/^Reason/).fill('too late');
    await seat.shown(dialog.getByText("kora stop --level L2 --reason 'too late'", { exact: true }));
    await dialog.getByRole('button', { name: 'Stop L2', exact: true }).click();
    await seat.shown(dialog.getByRole('alert').getByText('The runtime did not answer'));
    await seat.picture('stop-without-link');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    errands.set('anchor', false);
    up = await house.up(['--port', new URL(up.ready.url).port]);
    const keeps = page.getByRole('region', { name: 'What keeps Kora' });
    await seat.shown(page.getByRole('banner').getByText('Live', { exact: true }));
    await seat.shown(keeps.getByText('it does the wrong thing'));
    await keeps.getByRole('button', { name: 'Resume', exact: true }).first().click();
    const back = page.getByRole('dialog', { name: 'Resume Kora' });
    await back.getByLabel(/^Reason/).fill('it is mended');
    await back.getByRole('button', { name: 'Resume', exact: true }).click();
    await seat.shown(page.getByRole('banner').getByRole('link', { name: /^(Ready|Active)$/ }));
    const { commands } = await house.api().koraControl();
    expect(commands.map(({ level, reason }) => [level, reason])).toEqual([
      [0, 'it is mended'],
      [4, 'it does the wrong thing'],
    ]);
  });

  it('nothing was stopped by the policy, and the page complains of nothing but the runtime that was gone', async () => {
    const other = seat.complaints.filter((words) => !words.includes('ERR_CONNECTION_REFUSED'));
    expect(other).toEqual([]);
    await expectClean(house);
    expect(seat.violations).toEqual([]);
  });
});

/** In the page, whose names this program does not know. */
const isFocused = (element: unknown): boolean =>
  element === Reflect.get(Object(Reflect.get(globalThis, 'document')), 'activeElement');

const pressTwice = (element: object): void => {
  const press: unknown = Reflect.get(element, 'click');
  for (let time = 0; time < 2; time += 1) if (typeof press === 'function') Reflect.apply(press, element, []);
};

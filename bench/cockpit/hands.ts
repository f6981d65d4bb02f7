import { setTimeout as sleep } from 'node:timers/promises';
import type { Look } from './eyes.ts';

/** Between two of them, as hands do it. */
const pauseMs = 250;

/** What an operator does in a minute, by mouse and keyboard; each is an interaction as the browser counts them. */
export async function handle(look: Look): Promise<void> {
  const { page } = look;
  const go = async (title: string): Promise<void> => {
    await look.step(`go to ${title}`);
    await page
      .getByRole('navigation', { name: 'Panels' })
      .getByRole('link', { name: title, exact: true })
      .click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' });
    await sleep(pauseMs);
  };
  const press = async (step: string, ...keys: readonly string[]): Promise<void> => {
    await look.step(step);
    for (const key of keys) {
      await page.keyboard.press(key);
      await sleep(pauseMs);
    }
  };
  await go('Tickets');
  await sleep(1_000);
  await look.step('scroll the board');
  await page.mouse.move(720, 500);
  for (let turn = 0; turn < 6; turn += 1) {
    await page.mouse.wheel(0, 600);
    await sleep(pauseMs / 2);
  }
  await press('walk the rows', 'j', 'j', 'k');
  await press('peek', ' ');
  await sleep(500);
  await press('leave the peek', 'Escape');
  await press('filter', '/', 'b', 'a', 's', 'i', 'n', ' ', '3');
  await sleep(500);
  await press('empty the filter', 'Escape');
  await press('list and board', 'v', 'v');
  await go('Events');
  await go('Probes');
  await go('Overview');
  await go('Tickets');
  await go('Reasoning');
  await go('Tickets');
  await press('palette', 'Control+k', 'c', 'o', 's', 't', 'Escape');
  await press('the stop dialog', 'Control+Shift+S', 'Escape');
  await press('the keys', '?', 'Escape');
  await go('Daemons');
  await go('Overview');
}

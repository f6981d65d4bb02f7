import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { House } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const text = `{
  // how many at once
  "alerts": { "burst": 3 }
}
`;

describe('the configuration, from the page', () => {
  const house = new House();
  let browser: Browser;
  let seat: Seat;
  let file: string;

  beforeAll(async () => {
    file = join(house.home, 'kora.json');
    await mkdir(house.home, { mode: 0o700 });
    await writeFile(file, text, { mode: 0o600 });
    await house.up();
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
    await seat.visit('Configuration');
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  const rowOf = (key: string): Locator =>
    seat.page.getByRole('row').filter({ has: seat.page.getByText(key, { exact: true }) });
  const open = async (part: string): Promise<Locator> => {
    const panel = seat.page.getByRole('region', { name: part, exact: true });
    await panel.getByRole('button', { name: 'Change', exact: true }).click();
    const dialog = seat.page.getByRole('dialog', { name: `Change ${part}` });
    await seat.shown(dialog);
    return dialog;
  };
  const inForce = async (key: string): Promise<unknown> =>
    (await house.api().configuration()).keys.find((row) => row.key === key)?.value;

  it('a hot key is changed: its difference first, a receipt after, in force at once, comments kept', async () => {
    await seat.shown(rowOf('alerts.burst'));
    const dialog = await open('alerts');
    await dialog.getByLabel('burst', { exact: true }).fill('8');
    await dialog.getByLabel(/^Reason/).fill('a long night');
    await dialog.getByRole('button', { name: 'Look at the change' }).click();
    const change = dialog.getByRole('group', { name: 'What would be other' });
    await seat.shown(change.getByText('holds at once'));
    expect(await change.locator('dd').innerText()).toMatch(/3[^]*8/);
    expect(await readFile(file, 'utf8')).toBe(text);
    await seat.picture('configuration-change');
    await dialog.getByRole('button', { name: 'Write it' }).click();
    await seat.gone(dialog);
    await seat.shown(seat.page.getByRole('status').filter({ hasText: 'alerts.burst is in force' }));
    await seat.shown(rowOf('alerts.burst').getByText('8', { exact: true }));
    expect(await readFile(file, 'utf8')).toBe(text.replace('3', '8'));
    expect(await inForce('alerts.burst')).toBe(8);
    await until('the event', async () => {
      const [event] = await house.api().events({ type: 'kora.config.written', limit: 1, order: 'desc' });
      return event?.payload['to'] === 8 && event.payload['session'] !== null;
    });
  });

  it('a form over a file that another wrote is refused, says what is other, and writes nothing', async () => {
    const dialog = await open('alerts');
    const ran = await house.kora('config', 'set', 'alerts.settleSeconds', '2m', '--reason', 'from a shell');
    expect(ran).toMatchObject({ code: 0 });
    await dialog.getByLabel('burst', { exact: true }).fill('9');
    await dialog.getByLabel(/^Reason/).fill('late');
    await dialog.getByRole('button', { name: 'Look at the change' }).click();
    await dialog.getByRole('button', { name: 'Write it' }).click();
    const refusal = dialog.getByRole('status');
    await seat.shown(refusal.getByText('Somebody else wrote the file'));
    await seat.shown(refusal.getByText('alerts.settleSeconds'));
    await seat.picture('configuration-stale');
    await seat.page.keyboard.press('Escape');
    await seat.gone(dialog);
    expect(await inForce('alerts.burst')).toBe(8);
    expect(await inForce('alerts.settleSeconds')).toBe(120);
  });

  it('a value that only the runtime knows to be wrong is told at its field', async () => {
    const dialog = await open('messages');
    await dialog.getByLabel('quietHours.from', { exact: true }).fill('25:00');
    await dialog.getByLabel(/^Reason/).fill('sleep');
    await dialog.getByRole('button', { name: 'Look at the change' }).click();
    await dialog.getByRole('button', { name: 'Write it' }).click();
    const field = dialog.getByLabel('quietHours.from', { exact: true });
    await until('the field to be wrong', async () => (await field.getAttribute('aria-invalid')) === 'true');
    await seat.shown(dialog.getByText('a time of the day, such as 22:00', { exact: true }));
    expect(await field.inputValue()).toBe('25:00');
    await seat.page.keyboard.press('Escape');
    await seat.gone(dialog);
  });

  it('a key that names where it listens is not written from here, says why, and what does', async () => {
    await seat.shown(rowOf('http.port').getByText('kora config set http.port VALUE --reason "…"'));
    expect(
      await seat.page.getByRole('region', { name: 'http' }).getByRole('button', { name: 'Change' }).count(),
    ).toBe(0);
    const { digest } = await house.api().configuration();
    const posted = await seat.page.evaluate(
      async (body) => {
        const answer = await fetch('/api/config', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        return { status: answer.status, text: await answer.text() };
      },
      JSON.stringify({ changes: [{ key: 'http.port', value: 1 }], digest, reason: 'r' }),
    );
    expect(posted.status).toBe(403);
    expect(posted.text).toContain('KORA_CONFIG_CLOSED');
  });

  it('who may only look sees values and no control', async () => {
    const reader = await takeSeat(browser, house, '--read-only');
    await reader.visit('Configuration');
    await reader.shown(reader.page.getByText('alerts.burst', { exact: true }));
    expect(await reader.page.getByRole('button', { name: 'Change', exact: true }).count()).toBe(0);
    // What was refused on the way, and meant to be, the browser says itself; the page complained of nothing.
    const refused = [409, 400, 403].map(
      (status) => expect.stringContaining(`status of ${status} `) as string,
    );
    expect(seat.complaints).toEqual(refused);
    expect(seat.violations).toEqual([]);
    await expectClean(house, reader);
  });
});

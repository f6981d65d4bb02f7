import { pairingSchema, ticketSchema } from '@kora/runtime/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBrowser, watchedPage } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { expectClean, Seat, takeSeat } from './seat.ts';

describe('the cockpit in a real browser', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    up = await house.up();
    browser = await openBrowser();
    seat = new Seat(await watchedPage(browser));
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('opens signed in by the printed address, and the code leaves it', async () => {
    const { page } = seat;
    await page.goto(String(up.ready.cockpitUrl));
    await seat.shown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
    expect(page.url()).toBe(`${up.ready.url}/`);
  });

  it('shows every daemon and every probe as the CLI has them', async () => {
    const { page } = seat;
    await seat.visit('Daemons');
    const daemons = await house.api().daemons();
    expect(daemons.length).toBeGreaterThan(0);
    for (const { name, state } of daemons)
      await seat.shown(page.getByRole('row').filter({ hasText: name }).filter({ hasText: state }).first());
    await until('all probes to have looked', async () => {
      return (await house.api().probes()).every(({ status }) => status !== null);
    });
    await seat.visit('Probes');
    const probes = await house.api().probes();
    expect(probes.length).toBeGreaterThan(0);
    for (const { name } of probes) await seat.shown(page.getByRole('row').filter({ hasText: name }).first());
  });

  it('a ticket that the CLI adds appears by itself, and so does its event', async () => {
    const { page } = seat;
    let loads = 0;
    page.on('load', () => (loads += 1));
    await seat.visit('Tickets');
    const title = 'Look at the nightly backup';
    const { data } = await house.read(ticketSchema, 'ticket', 'add', '--title', title, '--priority', 'high');
    await seat.shown(page.getByRole('link', { name: title }));
    await seat.visit('Events');
    await seat.shown(page.getByText('sea_ticket.created').first());
    await page.goto(`${up.ready.url}/tickets/${data.ticketId}`);
    await seat.shown(page.getByRole('heading', { name: title }));
    // Only the address that was typed loaded a document: the rest came over the stream.
    expect(loads).toBe(1);
  });

  it('says on every page what keeps Kora, who said so, and what ends it, until it goes', async () => {
    const { page } = seat;
    expect((await house.kora('stop', '--level', 'L2', '--reason', 'the mirror fills the disk')).code).toBe(0);
    expect((await house.kora('pause', '--reason', 'deploying the database')).code).toBe(0);
    const banner = page.getByRole('region', { name: 'What keeps Kora' });
    for (const words of ['Stop L2', 'the mirror fills the disk', 'deploying the database', 'by operator'])
      await seat.shown(banner.getByText(words).first());
    await seat.shown(banner.getByText('kora resume --reason "…"', { exact: true }));
  });

  it('read-only nothing on any page acts: what would is not there, or is off and says why', async () => {
    const reader = await takeSeat(browser, house, '--read-only');
    const { page } = reader;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await reader.shown(page.getByRole('banner').getByText('read only'));
    for (const name of ['Stop', 'Pause', 'Resume'])
      expect(await page.getByRole('banner').getByRole('button', { name }).count()).toBe(0);
    const links = `[...document.querySelectorAll('nav[aria-label=Panels] a')].map((link) => link.getAttribute('href'))`;
    const paths = new Set(z.array(z.string()).parse(await page.evaluate(links)));
    let pressed = 0;
    for (const path of [...paths, '/tickets/1']) {
      await page.evaluate(`history.pushState(null, '', '${path}')`);
      await until(`${path} to have read`, async () => {
        const loading = page.locator('[data-panel=loading]');
        return (await page.locator('[data-panel]').count()) > 0 && (await loading.count()) === 0;
      });
      const found = pressedSchema.parse(await page.evaluate(pressAll));
      pressed += found.pressed;
      expect([path, found.acting, found.silent]).toEqual([path, [], []]);
    }
    expect(pressed).toBeGreaterThan(paths.size);
    expect(asked).toEqual([]);
    await expectClean(house, seat, reader);
    await reader.context.close();
  });

  it('what the policy stops is reported by the browser', async () => {
    const { page } = await watchedPage(browser);
    await page.goto(`${up.ready.url}/pair`);
    await page.evaluate(
      'document.body.append(Object.assign(new Image(), { src: "https://kora.invalid/x.png" }))',
    );
    await until('the report', async () => (await house.api().cspReports()).total > 0);
    const [report] = (await house.api().cspReports()).last;
    expect(report).toMatchObject({ directive: 'img-src', document: `${up.ready.url}/pair` });
  });

  it('without a code the way in shows the command; with a bad one it says what was wrong with it', async () => {
    const stranger = new Seat(await watchedPage(browser));
    const { page } = stranger;
    await page.goto(`${up.ready.url}/pair`);
    await stranger.shown(page.getByRole('heading', { name: 'Sign in' }));
    await stranger.shown(page.getByText('kora cockpit', { exact: true }));
    await stranger.picture('pair');
    const { data: brief } = await house.read(pairingSchema, 'cockpit', '--for', '1s');
    await until('the code to be too old', () => Date.now() > Date.parse(brief.expiresAt));
    for (const [title, code] of [
      ['Code expired', brief.code],
      ['Wrong code', 'AAAAAAAAAAAAAAAAAAAAAA'],
      ['Code already used', codeOf(up.ready.cockpitUrl)],
      // Of the form of a code, and of no run of this runtime.
      ['Runtime restarted', '0'.repeat(32)],
    ] as const) {
      await page.goto('about:blank');
      await page.goto(`${up.ready.url}/pair#code=${code}`);
      await stranger.shown(page.getByRole('heading', { name: title }));
      await stranger.shown(page.getByRole('alert'));
      expect(page.url()).toBe(`${up.ready.url}/pair`);
    }
    expect(stranger.violations).toEqual([]);
    await page.goto(`${up.ready.url}/`);
    await stranger.shown(page.getByRole('heading', { name: 'Signed out' }));
    expect(await page.getByText('heartbeat_probes').count()).toBe(0);
  });

  it('a runtime that is stopped says so, and who was signed in still is when it is back, until signed out', async () => {
    const { page } = seat;
    const { port } = new URL(up.ready.url);
    expect((await house.kora('down')).code).toBe(0);
    await seat.shown(page.getByText('Was paused').first());
    // A runtime on its way out says that it is, and not that it failed.
    expect(await page.getByText('KORA_INTERNAL').count()).toBe(0);
    up = await house.up(['--port', port]);
    await seat.shown(page.getByRole('banner').getByRole('link', { name: 'Paused' }));
    const banner = page.getByRole('region', { name: 'What keeps Kora' });
    expect((await house.kora('resume', '--reason', 'both are done')).code).toBe(0);
    await seat.gone(banner);
    expect((await house.kora('cockpit', 'revoke', '--all')).code).toBe(0);
    await seat.shown(page.getByRole('heading', { name: 'Signed out' }));
    const { data } = await house.read(pairingSchema, 'cockpit');
    await page.goto(data.url);
    await seat.shown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
  });
});

const pressedSchema = z.object({
  pressed: z.number(),
  acting: z.array(z.string()),
  silent: z.array(z.string()),
});

/**
 * Presses everything in the page's main part that can be pressed, as a person without rights would. `acting`: opened a
 * dialog, which only a deed does; `silent`: is off and does not say why. As text: it runs in the page.
 */
const pressAll = `(async () => {
  const found = { pressed: 0, acting: [], silent: [] };
  const name = (button) => (button.getAttribute('aria-label') ?? button.textContent).trim();
  for (const button of document.querySelectorAll('main button')) {
    if (!button.isConnected || !button.checkVisibility()) continue;
    if (button.disabled) {
      const why = button.title || document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent;
      if (!why) found.silent.push(name(button));
      continue;
    }
    button.click();
    found.pressed += 1;
    await new Promise((drawn) => setTimeout(drawn, 0));
    for (const dialog of document.querySelectorAll('dialog[open]')) {
      found.acting.push(name(button));
      dialog.close();
    }
  }
  return found;
})()`;

function codeOf(url: string | null): string {
  return new URL(url ?? '').hash.replace('#code=', '');
}

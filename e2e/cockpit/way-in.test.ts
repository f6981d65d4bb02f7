import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pairingSchema, ticketSchema } from '@kora/runtime/client';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, watchedPage, type Watched } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';

const shownMs = 15_000;
const artifacts = fileURLToPath(new URL('../.artifacts', import.meta.url));

describe('the cockpit in a real browser', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let operator: Watched;

  beforeAll(async () => {
    mkdirSync(artifacts, { recursive: true });
    up = await house.up();
    browser = await openBrowser();
    operator = await watchedPage(browser);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('opens signed in by the printed address, and the code leaves it', async () => {
    const { page } = operator;
    await page.goto(String(up.ready.cockpitUrl));
    await expectShown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
    expect(page.url()).toBe(`${up.ready.url}/`);
    await picture(page, 'overview');
  });

  it('shows every daemon as the CLI has them', async () => {
    const { page } = operator;
    await visit(page, 'Daemons');
    const daemons = await house.api().daemons();
    expect(daemons.length).toBeGreaterThan(0);
    for (const { name, state } of daemons) {
      const row = page.getByRole('row').filter({ hasText: name }).filter({ hasText: state });
      await expectShown(row.first());
    }
    await picture(page, 'daemons');
  });

  it('shows every probe with what it last saw', async () => {
    const { page } = operator;
    await until('all probes to have looked', async () => {
      return (await house.api().probes()).every(({ status }) => status !== null);
    });
    await visit(page, 'Probes');
    const probes = await house.api().probes();
    expect(probes.length).toBeGreaterThan(0);
    for (const { name } of probes) await expectShown(page.getByRole('row').filter({ hasText: name }).first());
    await picture(page, 'probes');
  });

  it('a ticket that the CLI adds appears by itself, and so does its event', async () => {
    const { page } = operator;
    let loads = 0;
    page.on('load', () => (loads += 1));
    await visit(page, 'Tickets');
    const title = 'Look at the nightly backup';
    const { data } = await house.read(ticketSchema, 'ticket', 'add', '--title', title, '--priority', 'high');
    await expectShown(page.getByRole('link', { name: title }));
    await picture(page, 'tickets');
    await visit(page, 'Events');
    await expectShown(page.getByText('sea_ticket.created').first());
    await page.goto(`${up.ready.url}/tickets/${data.ticketId}`);
    await expectShown(page.getByRole('heading', { name: title }));
    // Only the address that was typed loaded a document: the rest came over the stream.
    expect(loads).toBe(1);
  });

  it('says on every page what keeps Kora, who said so, and what ends it, until it goes', async () => {
    const { page } = operator;
    expect((await house.kora('stop', '--level', 'L2', '--reason', 'the mirror fills the disk')).code).toBe(0);
    expect((await house.kora('pause', '--reason', 'deploying the database')).code).toBe(0);
    const banner = page.getByRole('region', { name: 'What keeps Kora' });
    for (const words of ['Stop L2', 'the mirror fills the disk', 'deploying the database', 'by operator'])
      await expectShown(banner.getByText(words).first());
    await expectShown(banner.getByText('kora resume --reason "…"', { exact: true }));
    await picture(page, 'paused');
    await visit(page, 'Plugins');
    await expectShown(banner);
    expect((await house.kora('resume', '--reason', 'both are done')).code).toBe(0);
    await banner.waitFor({ state: 'hidden', timeout: shownMs });
  });

  it('nothing on the way was stopped by the policy or went wrong in the page', async () => {
    expect(operator.violations).toEqual([]);
    expect(operator.complaints).toEqual([]);
    expect((await house.api().cspReports()).last).toEqual([]);
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

  it('without a code the way in shows the command that opens it', async () => {
    const { page, violations, complaints } = await watchedPage(browser);
    await page.goto(`${up.ready.url}/pair`);
    await expectShown(page.getByRole('heading', { name: 'Sign in' }));
    await expectShown(page.getByText('kora cockpit', { exact: true }));
    await picture(page, 'pair');
    expect([violations, complaints]).toEqual([[], []]);
  });

  it.each([
    { title: 'Wrong code', code: () => 'AAAAAAAAAAAAAAAAAAAAAA' },
    { title: 'Code already used', code: () => codeOf(up.ready.cockpitUrl) },
    // Of the form of a code, and of no run of this runtime.
    { title: 'Runtime restarted', code: () => '0'.repeat(32) },
  ])('"$title" is what the page says, and it stays closed', async ({ title, code }) => {
    const { page, violations } = await watchedPage(browser);
    await page.goto(`${up.ready.url}/pair#code=${code()}`);
    await expectShown(page.getByRole('heading', { name: title }));
    await expectShown(page.getByRole('alert'));
    expect(violations).toEqual([]);
    await page.goto(`${up.ready.url}/`);
    await expectShown(page.getByRole('heading', { name: 'Signed out' }));
    expect(await page.getByText('heartbeat_probes').count()).toBe(0);
  });

  it('says that it is old when the runtime goes, and is signed in when it is back, until it is signed out', async () => {
    const { page } = operator;
    const { port } = new URL(up.ready.url);
    await page.goto(`${up.ready.url}/`);
    await expectShown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
    expect((await house.kora('down')).code).toBe(0);
    await expectShown(page.getByText('Was ready'));
    // A runtime on its way out says that it is, and not that it failed.
    expect(await page.getByText('KORA_INTERNAL').count()).toBe(0);
    await picture(page, 'gone');
    up = await house.up(['--port', port]);
    await expectShown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
    expect((await house.kora('cockpit', 'revoke', '--all')).code).toBe(0);
    await expectShown(page.getByRole('heading', { name: 'Signed out' }));
    const { data } = await house.read(pairingSchema, 'cockpit');
    await page.goto(data.url);
    await expectShown(page.getByRole('banner').getByRole('link', { name: 'Ready' }));
  });
});

/** Waits until it can be seen. */
async function expectShown(locator: Locator): Promise<void> {
  await locator.waitFor({ state: 'visible', timeout: shownMs });
}

async function visit(page: Page, title: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: title }).click();
  await expectShown(page.getByRole('heading', { level: 1, name: title }));
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artifacts, `cockpit-${name}.png`) });
}

function codeOf(url: string | null): string {
  return new URL(url ?? '').hash.replace('#code=', '');
}

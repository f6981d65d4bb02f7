import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlackServer } from '../../packages/plugin-slack/fixtures/slack-server.ts';
import { openBrowser } from '../harness/browser.ts';
import { House } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { expectClean, type Seat, shownMs, takeSeat } from './seat.ts';

/** What was said, what happened and what was written down. Slack is a server of the test: its first answer is a fault. */
describe('the record', () => {
  const house = new House();
  let slack: SlackServer;
  let shop: Server;
  let isWell = true;
  let browser: Browser;
  let seat: Seat;
  let secrets: readonly string[];

  beforeAll(async () => {
    slack = await SlackServer.start();
    slack.fail('chat.postMessage', { status: 500 });
    shop = createServer((_request, response) => response.writeHead(isWell ? 200 : 503).end('shop'));
    shop.listen(0, '127.0.0.1');
    await once(shop, 'listening');
    const { port } = shop.address() as AddressInfo;
    const probe = { kind: 'http', name: 'shop', url: `http://127.0.0.1:${port}/health`, everyMs: 1_000 };
    house.file('package.json', { private: true });
    house.file('kora.json', {
      plugins: { config: { probes: { probes: [probe] }, slack: { slackApiUrl: slack.apiUrl } } },
      messages: { channels: ['slack', 'inbox'] },
    });
    const { botToken, appToken, operator } = slack.workspace;
    await house.up([], {
      env: {
        KORA_PLUGIN_SLACK_BOT_TOKEN: botToken,
        KORA_PLUGIN_SLACK_APP_TOKEN: appToken,
        KORA_OPERATOR_SLACK_USER_ID: operator,
      },
    });
    secrets = [house.token(), botToken, appToken];
    const api = house.api();
    await until('the shop to be seen well', async () =>
      (await api.probes()).some(({ name, status }) => name === 'shop' && status === 'healthy'),
    );
    isWell = false;
    await until('the operator to be told, at the second try', async () =>
      (await api.messages({})).some(({ attempts, status }) => status === 'delivered' && attempts > 1),
    );
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
  });
  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
    await slack?.[Symbol.asyncDispose]();
    shop?.close();
    shop?.closeAllConnections();
  });

  it('a message that was refused first shows each try, why, and the incident it is about', async () => {
    const { page } = seat;
    await seat.visit('Inbox');
    await page
      .getByRole('navigation', { name: 'Sides of the inbox' })
      .getByRole('link', { name: 'Sent' })
      .click();
    await page.getByLabel('Channel', { exact: true }).selectOption('slack');
    const told = (await house.api().messages({})).find(({ attempts }) => attempts > 1);
    await page.locator(`[data-row="/inbox/out-${told?.messageId}"]`).getByRole('link').first().click();
    // The page draws its own mark of how grave it is; the sign in the title is for channels that cannot.
    const title = told?.title ?? '';
    expect(title).toMatch(/^🚨 ./u);
    await seat.shown(page.getByRole('heading', { level: 1, name: title.slice('🚨 '.length), exact: true }));
    const tries = page.getByRole('region', { name: 'Deliveries' }).getByRole('listitem');
    await seat.shown(tries.nth(1));
    await seat.shown(tries.nth(0).getByText('taken', { exact: true }));
    await seat.shown(tries.nth(0).getByText('try 2'));
    await seat.shown(tries.nth(1).getByText('refused', { exact: true }));
    await seat.shown(tries.nth(1).getByText(/500/));
    await seat.picture('record-message');
    // The address alone leads back to it.
    await page.reload();
    await seat.shown(tries.nth(1).getByText('refused', { exact: true }));
    expect(await tries.count()).toBe(2);
    await page.getByRole('region', { name: 'Message' }).locator('a[href^="/incidents/"]').click();
    await seat.shown(page.getByRole('region', { name: 'Story' }));
  });

  it('an incident tells its story newest first, and takes a note that ends up on the chain', async () => {
    const { page } = seat;
    const story = page.getByRole('region', { name: 'Story' });
    const lines = story.getByRole('listitem');
    for (const word of ['look', 'opened', 'wake', 'message'])
      await seat.shown(lines.getByText(word, { exact: true }).first());
    await seat.shown(lines.getByText(/shop came back (?:unhealthy|unreachable)/).first());
    await story.getByRole('button', { name: 'Note…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Reason/).fill('the mason is at the shop');
    await dialog.getByRole('button', { name: 'Note', exact: true }).click();
    await seat.shown(page.locator('[data-receipt="done"]'));
    const note = lines.filter({ hasText: 'the mason is at the shop' });
    await seat.shown(note);
    await seat.shown(note.getByRole('link', { name: /^#\d+$/ }));
    await story.getByLabel('Show').selectOption('said');
    expect(await lines.count()).toBe(1);
    await page.reload();
    await seat.shown(note);
    await story.getByLabel('Show').selectOption('');
    await seat.shown(lines.getByText('opened', { exact: true }));
    await seat.picture('record-incident');
  });

  it('an event shows what caused it, back to its beginning, and what it caused', async () => {
    const { page } = seat;
    const api = house.api();
    const told = (await api.messages({})).find(({ attempts }) => attempts > 1);
    const ofIt = async (type: string): Promise<number | undefined> =>
      (await api.events({ type })).find(({ payload }) => payload['message_id'] === told?.messageId)?.seq;
    const [accepted, delivered] = [await ofIt('notification.accepted'), await ofIt('notification.delivered')];
    await page.goto(`${house.url()}/events?seq=${delivered}`);
    const causes = page.getByRole('region', { name: `What caused event ${delivered}` });
    for (const type of ['probe.status_changed', 'probe.wake_requested', 'notification.accepted'])
      await seat.shown(causes.getByText(type, { exact: true }));
    await seat.picture('record-causes');
    await causes.getByRole('link', { name: `#${accepted}`, exact: true }).click();
    const effects = page.getByRole('region', { name: `What event ${accepted} caused` });
    for (const type of ['notification.delivery_failed', 'notification.delivered'])
      await seat.shown(effects.getByText(type, { exact: true }));
    expect(new URL(page.url()).searchParams.get('seq')).toBe(String(accepted));
  });

  it('a range of the log stands still, a line of it has an address, and all of it is handed over', async () => {
    const { page } = seat;
    await seat.visit('Logs');
    await page.getByLabel('Time', { exact: true }).selectOption({ label: 'last hour' });
    const range = page.getByRole('region', { name: 'Range' });
    await seat.shown(range.getByRole('listitem').first());
    await page.getByLabel('pattern').check();
    await page.getByLabel('Filter lines').fill('^\\S+ .*(?:channel|outbox|delivery|slack|boot|ready)');
    const first = range.getByRole('listitem').first();
    await seat.shown(first);
    await first.locator('summary').click();
    await seat.shown(first.getByRole('group', { name: 'The line in full' }));
    await seat.picture('record-logs');
    const saving = page.waitForEvent('download', { timeout: shownMs });
    await range.getByRole('button', { name: 'Download the range' }).click();
    const saved = readFileSync(await (await saving).path(), 'utf8')
      .trimEnd()
      .split('\n');
    for (const line of saved) expect(JSON.parse(line)).toHaveProperty('place');
    await first.getByRole('link', { name: 'link, in context' }).click();
    const place = new URL(page.url()).searchParams.get('line') ?? '';
    expect(place).toMatch(/^\d{15}$/);
    await page.reload();
    await seat.shown(page.locator(`#line-${place}`).getByRole('group', { name: 'The line in full' }));
  });

  it('the bundle says nothing secret, a question is tried, and a copy of the house is made from here', async () => {
    const { page } = seat;
    await seat.visit('Diagnostics');
    const bundle = page.getByRole('textbox', { name: /what is handed on/ });
    await seat.shown(bundle);
    const text = await bundle.inputValue();
    expect(text).toContain('# Kora diagnostics');
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    const saving = page.waitForEvent('download', { timeout: shownMs });
    await page.getByRole('button', { name: 'Save as a file' }).click();
    expect(readFileSync(await (await saving).path(), 'utf8')).toBe(text);

    await seat.visit('Phrasebook');
    await page.getByRole('textbox', { name: /^Try a question/ }).fill('status');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await seat.shown(page.getByRole('region', { name: '“status”' }).getByText('came with Kora'));

    await seat.visit('Recovery');
    await page.getByRole('button', { name: 'Back up…' }).click();
    await page.getByLabel(/^Folder on/).fill(join(house.box, 'copy'));
    await page.getByRole('dialog').getByRole('button', { name: 'Back up', exact: true }).click();
    const backups = page.getByRole('region', { name: 'Backup', exact: true });
    await seat.shown(backups.getByText('done', { exact: true }));
    const copies = page.getByRole('region', { name: 'Copies' });
    for (const word of ['there', 'is of this chain'])
      await seat.shown(copies.getByText(word, { exact: true }));
    await seat.shown(copies.getByText(`kora restore ${join(house.box, 'copy')}`));
    await seat.picture('record-recovery');
    await expectClean(house, seat);
  });
});

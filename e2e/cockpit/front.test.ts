import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { installGuest } from './errands.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const lanes = {
  'In progress': 'in_progress',
  Queued: 'queued',
  Deferred: 'deferred',
  'Failed or blocked': 'failed_or_blocked',
} as const;

/** What goes wrong while a file of its name lies in the folder, and a loop that proposes what a file says. */
const text = `
import { existsSync, readFileSync } from 'node:fs';
import { KoraError, definePlugin } from '@kora/runtime/plugin';
const measured = [{ name: 'precision', before: null, after: 1, samples: 40 }];
const gain = { microUsdPerDay: 2_000_000, secondsPerDay: 60 };
export default definePlugin({ id: 'trouble', async register(context) {
  for (const name of ['shop', 'mill']) await context.registerProbe({ name, kind: 'test', target: 'the ' + name, everyMs: 100, consecutive: 1, severity: 'critical',
    check: async () => existsSync(name) ? { status: 'unhealthy', details: {}, error: 'the ' + name + ' is shut' } : { status: 'healthy', details: {} } });
  await context.registerTicketHandler({ kind: 'errand', concurrency: 4, async work() {
    return existsSync('door') ? { resolution: 'blocked_needs_operator', summary: 'the door is locked' } : { resolution: 'completed', summary: 'done' };
  } });
  await context.registerBackgroundDaemon({ name: 'ferry', shutdown: async () => {}, startup: async () => {
    if (existsSync('storm')) throw new Error('the sea is too high');
  } });
  await context.registerChannel({ name: 'pager', async send(message) {
    if (!existsSync('mute')) return { receipt: message.key };
    throw new KoraError('KORA_CHANNEL_REFUSED', 'the pager asks for patience', { details: { retryAfterMs: 3_000 } });
  } });
  await context.registerLoop({ name: 'promote_trouble', means: 'Proposes what it is handed.', kinds: ['phrasebook.entry'],
    settings: { enabled: true, everyHours: 168, windowDays: 7, expiryDays: 14, trialHours: 24, applyLowRisk: false },
    observe: async () => ({ observed: 40, drafts: existsSync('drafts.json') ? JSON.parse(readFileSync('drafts.json', 'utf8')) : [] }),
    examine: async () => ({ passed: true, why: 'all the same', figures: measured, gain }),
    measure: async () => ({ verdict: 'unclear', why: 'too early', figures: measured, gain }) });
} });
`;

const draft = {
  identity: { word: 'quay' },
  change: {
    kind: 'phrasebook.entry',
    key: 'where is the quay $',
    value: { reply: 'there', category: 'quay', description: 'the quay' },
  },
  title: 'Where the quay lies is always answered alike',
  why: 'It is asked again and again.',
  evidence: { size: 40, samples: [{ text: 'Where is the quay?', ref: 'run 1' }] },
  baseline: [],
  expected: { microUsdPerDay: 2_000_000, secondsPerDay: 60 },
};

describe('the first page', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    const contributes = {
      probes: ['shop', 'mill'],
      ticketKinds: ['errand'],
      daemons: ['ferry'],
      channels: ['pager'],
      loops: ['promote_trouble'],
    };
    installGuest(house, { id: 'trouble', contributes, text });
    house.file('kora.json', { plugins: { trusted: ['trouble'] }, messages: { channels: ['pager'] } });
    [up, browser] = await Promise.all([house.up(), openBrowser()]);
    seat = await takeSeat(browser, house);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  const panel = (name: string): Locator => seat.page.getByRole('region', { name, exact: true });
  const need = (title: string | RegExp): Locator =>
    panel('Needs you').getByRole('listitem').filter({ hasText: title });
  const begin = (name: string): void => writeFileSync(join(house.box, name), '');
  const end = (name: string): void => rmSync(join(house.box, name));
  /** What is answered by the runtime is on the page by itself: nothing here loads it again. */
  async function comesAndGoes(title: string | RegExp, over: () => Promise<unknown> | void): Promise<void> {
    await seat.shown(need(title).first());
    await goes(title, over);
  }
  async function goes(title: string | RegExp, over: () => Promise<unknown> | void): Promise<void> {
    await over();
    await seat.gone(need(title).first());
  }

  const reason = 'it is over';

  it('has each thing that waits for the operator, worst first, and each leaves by itself', async () => {
    const api = house.api();
    expect((await house.kora('pause', '--reason', 'deploying')).code).toBe(0);
    await comesAndGoes(/deploying/, () => house.kora('resume', '--reason', reason));
    await seat.shown(panel('Needs you').getByText(/^Nothing needs you\. Last item cleared .+ ago\.$/));

    // The channel asks for patience: nobody knows, until it takes the message. Of what somebody was told a moment ago
    // it would be no news, so it is a probe that never failed before.
    begin('mute');
    begin('mill');
    await seat.shown(need(/mill/).first());
    // Alerts are looked at when the state changes, else four times a minute: by then the inbox may have the message.
    await api.pause('deploying');
    await api.resume(reason);
    await comesAndGoes(/^.*You were not told: mill/, () => end('mute'));
    await goes(/mill/, () => end('mill'));

    begin('shop');
    begin('door');
    begin('storm');
    house.file('drafts.json', [draft]);
    const restarted = api.restartDaemon('ferry', 'a test').catch(() => undefined);
    const [{ ticketId }, { decisionId }] = await Promise.all([
      api.tickets.add({ kind: 'errand', title: 'Fetch the parcel' }),
      api.startDrill({ reason: 'a test', waitMs: 60_000 }),
      api.runPromotionLoop('promote_trouble', 'there is something to find'),
    ]);
    const titles = [/shop/, 'Fetch the parcel', /ferry/, /drill/i, draft.title];
    await Promise.all(titles.map((title) => seat.shown(need(title).first())));
    // The question about an incident may be there a moment before the incident, which then stands for it.
    const severities = async (): Promise<string> => {
      const rows = await panel('Needs you').getByRole('listitem').allInnerTexts();
      return rows.map((row) => /^(?:critical|warning|info)/.exec(row)?.[0] ?? row).join(' ');
    };
    await expect.poll(severities).toMatch(/^critical( critical)*( warning)+( info)*$/);

    await restarted;
    for (const name of ['shop', 'door', 'storm']) end(name);
    await Promise.all([
      seat.gone(need(/shop/).first()),
      goes('Fetch the parcel', () => api.tickets.unblock(ticketId, reason)),
      goes(/ferry/, () => api.restartDaemon('ferry', reason)),
      goes(/drill/i, () => api.answerDecision({ decisionId, verdict: 'approve' })),
      goes(draft.title, async () => {
        const [row] = await api.promotions({ loop: 'promote_trouble' });
        await api.rejectPromotion(row?.id ?? 0, { reason });
      }),
    ]);
    await seat.shown(panel('Needs you').getByText(/^Nothing needs you\./));
  });

  it('counts as the API does, in the lanes, the title and the rail', async () => {
    const api = house.api();
    begin('door');
    for (const title of ['One', 'Two', 'Three']) await api.tickets.add({ kind: 'errand', title });
    await api.tickets.add({ kind: 'nobody', title: 'Four' });
    await until('three to be blocked', async () => (await api.buckets()).counts.failed_or_blocked === 3);
    const link = (title: string): Locator =>
      panel('Tickets').getByRole('link', { name: new RegExp(`^${title}`) });
    // A ticket may move between the two looks: they are held against each other until they meet.
    const alike = async (): Promise<readonly [number, ...string[]]> => {
      const { counts } = await api.buckets();
      const shown: string[] = [];
      for (const title of Object.keys(lanes))
        shown.push((await link(title).innerText()).split('\n')[1] ?? '');
      expect(shown).toEqual(Object.values(lanes).map((lane) => String(counts[lane])));
      return [counts.open + counts.failed_last_7_days, ...shown];
    };
    await expect
      .poll(async () => {
        const [whole, ...shown] = await alike();
        return shown.reduce((sum, figure) => sum + Number(figure), 0) - whole;
      })
      .toBe(0);
    await until('the tab to say so', async () => (await seat.page.title()).startsWith('(3) Kora — READY'));
    const rail = seat.page.getByRole('navigation', { name: 'Panels' });
    await seat.shown(rail.getByRole('link', { name: /^Overview 3 need you/ }));
    await seat.picture('front');
  });

  it('holds the panel that has the focus, and that one alone', async () => {
    const { page } = seat;
    await panel('Last events').getByRole('link').nth(1).focus();
    await page.keyboard.press('.');
    const held = panel('Last events').getByRole('button', { name: /^Held, [\d,]+ new: go on$/ });
    await seat.shown(held);
    const { ticketId } = await house.api().tickets.add({ kind: 'nobody', title: 'Five' });
    await seat.shown(panel('Last events').getByRole('button', { name: /^Held, [1-9][\d,]* new: go on$/ }));
    expect(await panel('Tickets').getByRole('button', { name: 'Hold the panel still' }).count()).toBe(1);
    const [newest] = await house.api().events({ type: 'sea_ticket.created', order: 'desc', limit: 1 });
    const row = panel('Last events').getByText(`#${newest?.seq}`, { exact: true });
    expect(await row.count()).toBe(0);
    await page.keyboard.press('.');
    await seat.shown(row);
    await house.api().tickets.cancel(ticketId, reason);
  });

  it('notes what newly needs the operator while nobody looks, if they asked for it', async () => {
    const { page, context } = seat;
    await context.grantPermissions(['notifications'], { origin: up.ready.url });
    // A headless browser has no window behind another: that the page is hidden is all that is staged.
    await page.addInitScript(`globalThis.noted = [];
      Object.defineProperty(document, 'hidden', { get: () => true });
      globalThis.Notification = class extends Notification {
        constructor(title, options) { super(title, options); globalThis.noted.push(title + ': ' + options.body); }
      };`);
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    const box = page.getByLabel('Note of the browser when something newly needs you');
    await box.click();
    await until('the browser to allow it', async () => await box.isChecked());
    await page.keyboard.press('Escape');
    await seat.shown(need('Three'));
    begin('shop');
    const noted = async (words: RegExp): Promise<readonly string[]> =>
      (await page.evaluate<string[]>('noted')).filter((note) => words.test(note));
    await until('the note', async () => (await noted(/^Kora needs you: .*shop/)).length > 0);
    // What waited before is not new.
    expect(await noted(/One|Two|Three/)).toEqual([]);
    end('shop');
    end('door');
  });

  it('says in its strip how far events are behind, how fast the store is and who listens', async () => {
    const strip = seat.page.getByRole('contentinfo');
    await seat.shown(strip.getByText(/^\d[\d.]* ms$/).first());
    for (const name of ['Event lag', 'Store', 'Streams', 'Clock'])
      await seat.shown(strip.getByText(name, { exact: true }));
    await strip.getByRole('link', { name: 'diagnostics' }).click();
    await seat.shown(seat.page.getByRole('heading', { level: 1, name: 'Diagnostics' }));
    await expectClean(house, seat);
  });
});

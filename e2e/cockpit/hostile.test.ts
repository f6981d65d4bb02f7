import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { until } from '../harness/wait.ts';
import { installGuest } from './errands.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

/** What would run, what would be fetched, what would be followed. */
const markup = [
  '<img src="https://kora.invalid/a.png" onerror="globalThis.hacked=1">',
  '</script><script>globalThis.hacked=1</script>',
  '<svg onload="globalThis.hacked=1">',
  '[look](javascript:globalThis.hacked=1)',
  '![look](https://kora.invalid/b.png)',
  '{{globalThis.hacked=1}}',
].join(' ');
/** What would turn the order of letters, or hide some: each is to be seen as a glyph. */
const turned =
  '\u202egnp.exe\u2066in\u2069\u200e\u200f\u061c wid\u200bth\u2060less\ufeff \u00adsoft\u{e0041}tag';
const glyphs = [
  '⟨RLO⟩gnp.exe',
  '⟨LRI⟩in⟨PDI⟩⟨LRM⟩⟨RLM⟩⟨ALM⟩',
  'wid⟨ZWSP⟩th⟨WJ⟩less⟨BOM⟩',
  '⟨SHY⟩soft⟨U+E0041⟩tag',
];
/** One word with no place to break it. */
const long = 'x'.repeat(10_000);
const hostile = `${turned} ${markup}`;

/** Everything that a plugin, and whoever it watches, can write. */
const text = `import { definePlugin } from '@kora/runtime/plugin';
const hostile = ${JSON.stringify(hostile)};
const long = ${JSON.stringify(long)};
export default definePlugin({
  id: 'stranger',
  async register(context) {
    await context.registerProbe({ name: 'stranger', kind: 'test', target: hostile, everyMs: 1_000, check: async () => {
      context.log.warn(hostile, { said: hostile, long });
      return { status: 'unhealthy', details: { said: hostile, long }, error: hostile + long };
    } });
    await context.registerTicketHandler({ kind: 'strange', async work({ note }) {
      await note((hostile + long).slice(0, 10_000));
      return {
        resolution: 'failed_terminal',
        summary: hostile + long,
        failure: { class: 'tool', reason: hostile },
        result: { said: hostile, long },
        messages: [
          { key: 'm', thread: 't', severity: 'critical', title: (hostile + long).slice(0, 500), body: hostile + '\\n\\n' + long, source: 'scheduled_task' },
        ],
      };
    } });
    await context.registerCockpitPanel({ id: 'strange', title: hostile.slice(0, 60), view: async () => ({
      kind: 'table',
      columns: [{ name: 'a', label: hostile.slice(0, 60) }, { name: 'b', label: 'B' }],
      rows: [{ cells: { a: hostile, b: long.slice(0, 400) } }],
    }) });
  },
});
`;

/** In the page: whatever of it came to life, lies hidden in what is read or said, or leads away. */
const seen = String.raw`(() => {
  const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\u{e0000}-\u{e007f}]/u;
  const all = [...document.querySelectorAll('*')];
  const said = all.flatMap((element) => ['title', 'aria-label', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? ''));
  const root = document.scrollingElement;
  const wide = all.filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.closest('[class*=overflow], .truncate, .sr-only, dialog') === null);
  return {
    ran: globalThis.hacked ?? null,
    alive: all.filter((element) => element.matches('main img, main script, main iframe, [onerror], [onload]')).length,
    away: [...document.querySelectorAll('a[href]')].map(({ href }) => href).filter((href) => new URL(href).origin !== location.origin),
    hidden: [document.title, document.body.innerText, ...said].filter((text) => hidden.test(text)).map((text) => text.slice(0, 80)),
    sideways: root.scrollWidth > root.clientWidth ? wide.slice(0, 3).map(({ outerHTML }) => outerHTML.slice(0, 160)) : [],
    overflows: root.scrollWidth > root.clientWidth,
  };
})()`;

/** The page of one ticket, message, incident, probe. */
const onesOwn = /^\/(tickets|inbox|incidents)\/[a-z-]*\d+$|^\/probes\/stranger$/;

describe('what strangers write', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;
  const places: string[] = [];
  const asked: string[] = [];
  const refused: string[] = [];

  beforeAll(async () => {
    installGuest(house, {
      id: 'stranger',
      description: hostile,
      contributes: { probes: ['stranger'], ticketKinds: ['strange'], panels: ['strange'] },
      text,
    });
    [up, browser] = await Promise.all([house.up(), openBrowser()]);
    const api = house.api();
    const title = (hostile + long).slice(0, 500);
    const payload = { said: hostile, long };
    const objective = `${hostile}\n\n${long}`;
    const { ticketId } = await api.tickets.add({ kind: 'strange', title, objective, payload });
    await api.tickets.add({ kind: 'nobody', title });
    await until(
      'the stranger to have said all of it',
      async () => {
        const [probe] = (await api.probes()).filter(({ name }) => name === 'stranger');
        const [messages, incidents] = [await api.messages(), await api.incidents()];
        const ticket = await api.tickets.show(ticketId);
        return (
          probe?.status === 'unhealthy' &&
          messages.length > 0 &&
          incidents.length > 0 &&
          ticket.status === 'failed_terminal'
        );
      },
      30_000,
    );
    const [message] = await api.messages();
    const [incident] = await api.incidents();
    places.push('/', '/tickets', '/tickets?v=list&lane=failed_or_blocked', `/tickets/${ticketId}`, '/probes');
    places.push(
      '/probes/stranger',
      '/inbox',
      `/inbox/out-${message?.messageId}`,
      '/logs',
      '/plugins',
      '/events',
    );
    places.push(`/incidents/${incident?.incidentId}`, '/panels/stranger', '/daemons', '/wakes', '/alerts');
    seat = await takeSeat(browser, house);
    seat.page.on('request', (request) => asked.push(request.url()));
    seat.page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${answer.url()}`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it.each([
    [1440, 900],
    [320, 640],
  ])(
    'nothing of it lives, hides, or makes a page wider than %i: it is shown as text',
    async (width, height) => {
      const { page } = seat;
      await page.setViewportSize({ width, height });
      for (const place of places) {
        await page.goto(up.ready.url + place);
        await seat.shown(page.getByRole('heading', { level: 1 }));
        // A page about one of his things shows all of it, as the text that it is.
        for (const words of onesOwn.test(place) ? [...glyphs, '<img src="https://kora.invalid/a.png"'] : [])
          await seat.shown(page.getByText(words).first());
        await until(
          `${place} to have been read`,
          async () => (await page.locator('[aria-busy=true]').count()) === 0,
        );
        expect([place, await page.evaluate(seen)]).toEqual([
          place,
          { ran: null, alive: 0, away: [], hidden: [], sideways: [], overflows: false },
        ]);
      }
    },
  );

  it('a title of ten thousand letters comes nowhere: the door takes five hundred', async () => {
    const refusal = house.api().tickets.add({ kind: 'nobody', title: long });
    await expect(refusal).rejects.toMatchObject({ status: 400 });
  });

  it('nothing left the house, and the policy had nothing to stop', async () => {
    expect(refused).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(up.ready.url))).toEqual([]);
    await expectClean(house, seat);
  });
});

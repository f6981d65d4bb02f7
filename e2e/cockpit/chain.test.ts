import { statusSchema } from '@kora/runtime/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBrowser } from '../harness/browser.ts';
import { House, type Up } from '../harness/house.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const heldSchema = z.object({ holdId: z.number() });

describe('a chain that somebody changed, in the page', () => {
  const house = new House();
  let up: Up;
  let browser: Browser;
  let seat: Seat;
  let seq: number;

  beforeAll(async () => {
    up = await house.up();
    browser = await openBrowser();
    seat = await takeSeat(browser, house);
  });

  afterAll(async () => {
    await browser?.close();
    await house[Symbol.asyncDispose]();
  });

  it('a break is a red bar on every page, which leads to its event', async () => {
    const { page } = seat;
    seq = await changeOneBody(house);
    // The verifier looks at the whole of it when it is asked to.
    await house.kora('event', 'verify');
    const bar = page.getByRole('region', { name: 'The chain is broken' });
    await seat.shown(bar);
    const links = `[...document.querySelectorAll('nav[aria-label=Panels] a')].map((link) => link.getAttribute('href'))`;
    for (const path of new Set(z.array(z.string()).parse(await page.evaluate(links)))) {
      await page.evaluate(`history.pushState(null, '', '${path}')`);
      await page.locator('[data-panel]').first().waitFor();
      expect([path, await bar.isVisible()]).toEqual([path, true]);
    }
    await bar.getByRole('link', { name: `The chain is broken at #${seq}` }).click();
    await page.locator(`#event-${seq}[open]`).waitFor();
    await seat.shown(page.getByRole('link', { name: `broken at #${seq}`, exact: true }));
    await seat.picture('chain-broken');
  });

  it('the browser finds it by itself, and nothing before it', async () => {
    const { page } = seat;
    const verify = async (from: number, to: number): Promise<void> => {
      await page.getByLabel('from #').fill(String(from));
      await page.getByLabel('to #').fill(String(to));
      await page.getByRole('button', { name: 'Verify range here' }).click();
    };
    await verify(1, seq - 1);
    await seat.shown(page.getByText(`Links and hashes match for #1–#${seq - 1}`));
    await verify(1, seq + 1);
    const found = page.getByText(`Does not match at #${seq}: its body is not the one that was hashed.`);
    await seat.shown(found);
    expect(await found.count()).toBe(1);
  });

  it('the next boot stops at its sixth gate, comes up paused, and the page shows why', async () => {
    const { page } = seat;
    await seat.visit('Boot');
    expect((await house.kora('down')).code).toBe(0);
    await seat.shown(page.getByText(/Showing boot #1, the last one/));
    up = await house.up(['--port', new URL(up.ready.url).port]);
    expect(up.ready.primaryState).toBe('paused');
    await seat.shown(page.getByText('The runtime was started again', { exact: false }));
    await seat.shown(page.getByText(/Came up paused at gate 6, 10\/11 passed · boot #2/).first());
    const gate = page.getByRole('listitem', { name: /^Gate 6 said no/ });
    await seat.shown(gate.getByText(new RegExp(`event #${seq} is changed`)));
    await seat.shown(gate.getByText('kora event verify'));
    await seat.shown(page.locator('li:focus').filter({ hasText: 'is changed' }));
    await seat.picture('boot-paused');
    await page.reload();
    await seat.shown(page.locator('li:focus').filter({ hasText: 'is changed' }));
  });

  it('nothing on the way was stopped by the policy or went wrong in the page', () =>
    expectClean(house, seat));

  it('gates that run again and end the runtime: the page has their report, and keeps it while nothing answers', async () => {
    const { page } = seat;
    {
      await using store = await house.store();
      await store.rows(`update kora.actor set active = false where actor_id = 'kora'`);
    }
    // What the chain is held for is accepted; then the gates are asked again, and there is no actor to act as.
    const { data: status } = await house.read(statusSchema, 'status');
    for (const { holdId } of status.holds.map((hold) => heldSchema.parse(hold)))
      await house.kora('resume', '--hold', String(holdId), '--reason', 'known, and kept');
    expect((await up.child.ended).code).toBe(1);
    await seat.shown(page.getByText(/Stopped at gate 8, 6\/11 passed · boot #3/).first());
    const gate = page.getByRole('listitem', { name: /^Gate 8 said no/ });
    await seat.shown(gate.getByText('kora boot --check-only'));
    await seat.shown(page.locator('li:focus').filter({ hasText: '7_canonical_actor' }));
    const last = page.locator('li').filter({ hasText: /(8_capability_matrix|9_cost_state|10_smoke) ·/ });
    expect(await last.getByText('not reached').count()).toBe(3);
    await seat.picture('boot-stopped');
    expect([seat.complaints, seat.violations]).toEqual([[], []]);
  });
});

/** One letter of the body of an event in the middle, past the runtime: its owner can switch off the triggers. */
async function changeOneBody(house: House): Promise<number> {
  await using store = await house.store();
  const [row] = await store.rows<{ seq: number }>(
    `select seq::int from kora.event_body where seq < (select seq from kora.chain_head) - 3
       and body ~ '[a-z0-9]"\\}$' order by seq desc limit 1`,
  );
  const tables = ['kora.event_body', 'kora.event_body_0'];
  for (const table of tables) await store.rows(`alter table ${table} disable trigger append_only`);
  await store.rows(
    `update kora.event_body set body = overlay(body placing
       case substr(body, length(body) - 2, 1) when '7' then '8' else '7' end from length(body) - 2 for 1)
     where seq = $1`,
    [row?.seq],
  );
  for (const table of tables) await store.rows(`alter table ${table} enable trigger append_only`);
  return row?.seq ?? 0;
}

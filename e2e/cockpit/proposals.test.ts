import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../harness/browser.ts';
import { Thinking } from '../harness/thinking.ts';
import { configured, wire } from './mind-guest.ts';
import { expectClean, type Seat, takeSeat } from './seat.ts';

const loop = 'promote_wired';

/** A draft for one place, as the loop of the test finds it: another reply is the same proposal with other content. */
function draft(word: string, reply: string) {
  return {
    identity: { word },
    change: {
      kind: 'phrasebook.entry',
      key: `where does the ${word} lie $`,
      value: { reply, category: 'quay', description: `where the ${word} lies` },
    },
    title: `Where the ${word} lies is always answered alike`,
    why: 'It is asked again and again, and each answer was the same.',
    evidence: { size: 40, samples: [{ text: `Where does the ${word} lie?`, ref: 'run 1' }] },
    baseline: [],
    expected: { microUsdPerDay: 2_000_000, secondsPerDay: 60 },
  };
}

/** Flows 11, 12, and 11 once more without a pointer. */
describe('proposals', () => {
  let thinking: Thinking;
  let browser: Browser;
  let seat: Seat;

  beforeAll(async () => {
    thinking = await Thinking.prepare();
    wire(thinking.house);
    configured(thinking);
    await thinking.raise();
    browser = await openBrowser();
    seat = await takeSeat(browser, thinking.house);
  });
  afterAll(async () => {
    await browser?.close();
    await thinking?.[Symbol.asyncDispose]();
  });

  /** The loop finds these now, in a cycle of its own. */
  async function found(...drafts: readonly object[]): Promise<void> {
    thinking.house.file('drafts.json', drafts);
    const run = await thinking.house.api().runPromotionLoop(loop, 'there is something to find');
    expect([run.outcome, run.error, run.refused]).toEqual(['ok', null, []]);
  }

  async function proposalOf(word: string) {
    const rows = await thinking.house.api().promotions({ loop });
    const row = rows.find(({ title }) => title.includes(` ${word} `));
    if (row === undefined) throw new Error(`nothing is proposed of the ${word}`);
    return await thinking.house.api().promotion(row.id);
  }

  const panel = (name: string): Locator => seat.page.getByRole('region', { name });

  it('11: refuses an approval of what is there no more, shows what changed, and takes the new one', async () => {
    const { page } = seat;
    await seat.visit('Proposals');
    await found(draft('ferry', 'At the old quay.'));
    const { id } = await proposalOf('ferry');
    await page.getByRole('link', { name: /Where the ferry lies/ }).click();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Approve proposal #${id}, revision 1` });
    await dialog.getByRole('textbox').fill('it is always so');
    await found(draft('ferry', 'At the new quay.'));
    // The page knows of it by now; what is being written is not taken away.
    await seat.shown(page.getByText('Changed since you opened it').first());
    const refused = page.waitForResponse((response) =>
      response.url().endsWith(`/api/promotions/${id}/approve`),
    );
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    const answer = await refused;
    expect(answer.status()).toBe(409);
    expect(JSON.parse(answer.request().postData() ?? '')).toMatchObject({
      revision: 1,
      digest: (await proposalOf('ferry')).revisions[0]?.digest,
      idempotencyKey: expect.any(String),
    });
    const changed = dialog.getByRole('region', { name: 'Changed since you opened it' });
    await seat.shown(changed.getByText('At the old quay.'));
    await seat.shown(changed.getByText('At the new quay.'));
    await seat.picture('proposal-changed');
    expect((await proposalOf('ferry')).decision).toBe('pending');
    await changed.getByRole('button', { name: 'I have read it' }).click();
    await seat.gone(dialog);
    // On purpose: the newer revision is named in the dialog, and agreed to by itself.
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const again = page.getByRole('dialog', { name: `Approve proposal #${id}, revision 2` });
    await again.getByRole('textbox').fill('the new quay it is');
    await again.getByRole('button', { name: 'Approve', exact: true }).click();
    await seat.shown(panel('Facts').getByText('on trial'));
    await seat.shown(page.getByText(/^done · #\d+/).first());
    await panel('Revisions').getByRole('button', { name: 'since 1' }).click();
    const between = page.getByRole('region', { name: 'From revision 1 to 2' });
    await seat.shown(between.getByText('At the old quay.'));
    await between.getByRole('button', { name: 'Side by side' }).click();
    await seat.shown(between.getByText('At the new quay.'));
    expect(await proposalOf('ferry')).toMatchObject({
      decision: 'approved',
      application: 'applied',
      revision: 2,
    });
  });

  it('12: rolls back with a reason, after showing what stands there then', async () => {
    const { page } = seat;
    const { id, change } = await proposalOf('ferry');
    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Roll back proposal #${id}` });
    await seat.shown(dialog.getByText(/What ships, or what you wrote yourself, stands there again/));
    await seat.shown(dialog.getByText(change.key));
    await seat.shown(dialog.getByText(/At the new quay/));
    await seat.shown(dialog.getByText('nothing', { exact: true }));
    await dialog.getByRole('textbox').fill('the ferry moved');
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await seat.shown(panel('Facts').getByText('rolled back'));
    await seat.shown(panel('What was done about it').getByRole('row').filter({ hasText: 'the ferry moved' }));
    await seat.shown(page.getByText(/^done · #\d+/).first());
    await seat.picture('proposal-rolled-back');
    await page.getByRole('link', { name: 'All proposals' }).click();
    await page.getByRole('link', { name: 'History' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Where the ferry lies' });
    await seat.shown(row.getByText('rolled back'));
    expect(await proposalOf('ferry')).toMatchObject({ application: 'rolled_back' });
  });

  it('19: flow 11 by the keyboard alone', async () => {
    const { page } = seat;
    await found(draft('barge', 'At the mill.'));
    const { id } = await proposalOf('barge');
    const { keyboard } = page;
    /** What has the focus: its accessible name, or its text. */
    const focused = (): Promise<string> =>
      page.evaluate(
        `(() => { const at = document.activeElement; return at?.getAttribute('aria-label') || at?.labels?.[0]?.textContent || at?.textContent || at?.tagName || ''; })()`,
      );
    /** Goes on with Tab until something of that name has the focus. */
    const tabTo = async (name: string | RegExp): Promise<void> => {
      for (let step = 0; step < 60; step += 1) {
        const at = (await focused()).trim();
        if (typeof name === 'string' ? at === name : name.test(at)) return;
        await keyboard.press('Tab');
      }
      throw new Error(`Tab never came to ${name}; it is at ${await focused()}`);
    };
    // At once: what is typed before the palette has its field reaches it too.
    await keyboard.press('Control+k');
    await keyboard.type('Proposals');
    await seat.shown(page.getByRole('option', { name: /^Proposals/, selected: true }));
    await keyboard.press('Enter');
    await seat.shown(page.getByRole('heading', { level: 1, name: 'Proposals' }));
    await seat.shown(page.getByRole('link', { name: /Where the barge lies/ }));
    await keyboard.press('j');
    await keyboard.press('Enter');
    await seat.shown(page.getByRole('heading', { level: 1, name: /Where the barge lies/ }));
    expect(await focused()).not.toBe('Approve');
    await tabTo('Approve');
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Approve proposal #${id}, revision 1` });
    await seat.shown(dialog);
    // Enter at once, as by habit, agrees to nothing.
    expect(await focused()).toMatch(/^Reason/);
    await keyboard.press('Enter');
    expect((await proposalOf('barge')).decision).toBe('pending');
    await keyboard.type('it is always so');
    await found(draft('barge', 'At the lock.'));
    await seat.shown(page.getByText('Changed since you opened it').first());
    await keyboard.press('Enter');
    await seat.shown(dialog.getByText('At the lock.'));
    await tabTo('I have read it');
    await keyboard.press('Enter');
    await seat.gone(dialog);
    expect(await focused()).toBe('Approve');
    await keyboard.press('Enter');
    const again = page.getByRole('dialog', { name: `Approve proposal #${id}, revision 2` });
    await seat.shown(again);
    await keyboard.type('the lock it is');
    await tabTo('Approve');
    await keyboard.press('Enter');
    await seat.gone(again);
    await seat.shown(panel('Facts').getByText('on trial'));
    // The button that was pressed is gone with what it did: the focus is on the page, and not lost to the document.
    expect(await focused()).not.toBe('BODY');
    expect(await proposalOf('barge')).toMatchObject({ decision: 'approved', revision: 2 });
  });

  it('leaves nothing that the policy stopped, and two refusals that were asked for', async () => {
    // The browser writes down each answer that is none of 200; these two are what the flows are about.
    expect([seat.complaints, seat.violations]).toEqual([
      Array.from({ length: 2 }, () => expect.stringContaining('409 (Conflict)')),
      [],
    ]);
    await expectClean(thinking.house);
  });
});

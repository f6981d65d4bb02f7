import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { OutboundMessage } from './message/index.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

/** What the plugin shares with the test: they are in one process. */
interface Desk {
  readonly z: typeof z;
  readonly told: OutboundMessage[];
  /** What is in force, as its owner was handed it last. */
  inForce: readonly { readonly key: string; readonly value: unknown }[];
  paces: { readonly place: string; readonly everyMs: number; readonly size: number }[];
}

/** A loop of an outsider, with a kind of its own, whose finds the test decides. */
const tide = entryOf(
  'tide',
  `
  const desk = globalThis.koraDesk;
  await context.registerChannel({ name: 'chat', send: async (message) => {
    desk.told.push(message);
    return { receipt: 'r' + message.messageId };
  } });
  await context.registerChangeKind({
    kind: 'tide.pace', means: 'how often a place is measured',
    value: desk.z.object({ everyMs: desk.z.number() }),
    examine: async ({ key, value }) => ({ title: 'measure ' + key, risk: 'high', blastRadius: 'the gauge of ' + key,
      lines: [{ path: 'everyMs', before: '1000', after: String(value.everyMs) }],
      refusal: key === 'nowhere' ? 'there is no gauge' : null }),
    take: async (overlays) => { desk.inForce = overlays; },
  });
  const gain = { microUsdPerDay: 5000, secondsPerDay: 60 };
  await context.registerLoop({
    name: 'promote_tide', means: 'finds a better pace', kinds: ['tide.pace'],
    settings: { enabled: true, everyHours: 24, windowDays: 7, expiryDays: 7, trialHours: 24, applyLowRisk: false },
    observe: async () => ({ observed: desk.paces.length, drafts: desk.paces.map(({ place, everyMs, size }) => ({
      identity: { place }, change: { kind: 'tide.pace', key: place, value: { everyMs } },
      title: 'measure ' + place + ' every ' + everyMs + ' ms', why: 'it changes that often',
      evidence: { size, samples: [{ text: 'it changed', ref: 'event 1' }] }, baseline: [], expected: gain })) }),
    examine: async () => ({ passed: true, why: 'all of it', figures: [], gain }),
    measure: async () => ({ verdict: 'no_worse', why: 'as before', figures: [], gain }),
  });
`,
);
const manifest = {
  id: 'tide',
  contributes: { loops: ['promote_tide'], changeKinds: ['tide.pace'], channels: ['chat'] },
};

const soon = { timeout: 30_000, interval: 50 };

async function living(): Promise<{ readonly api: KoraClient; readonly desk: Desk }> {
  const desk: Desk = { z, told: [], inForce: [], paces: [{ place: 'brest', everyMs: 5_000, size: 10 }] };
  Object.assign(globalThis, { koraDesk: desk });
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const plugin = await packages.plugin('tide', manifest, tide);
  const { url } = await testDatabase({ empty: true });
  const env = { KORA_DATABASE_URL: url };
  const home = testFolder();
  await writeFile(join(home, 'kora.json'), JSON.stringify({ messages: { channels: ['chat', 'inbox'] } }));
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [plugin] });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  return { desk, api: createKoraClient({ url: kora.ready.url, token }) };
}

test('what a loop of an outsider proposes is told with a code, agreed to as it was told, in force at once, and taken back', async () => {
  const { api, desk } = await living();
  const codeOf = async (title: string): Promise<string> => {
    const of = (): OutboundMessage | undefined =>
      desk.told.find(({ title: told, body, decision }) => decision && `${told}\n${body}`.includes(title));
    await expect.poll(of, soon).toBeDefined();
    return of()?.decision?.code ?? '';
  };
  const proposed = async () => {
    const [row] = await api.promotions({ loop: 'promote_tide' });
    assert.ok(row);
    return api.promotion(row.id);
  };

  // The first to find it is the schedule's own cycle, or this one.
  const found = async (): Promise<number> => {
    const { proposed: made, unchanged } = await api.runPromotionLoop('promote_tide', 'look');
    return made + unchanged;
  };
  await expect.poll(found, soon).toBe(1);
  const code = await codeOf('every 5000 ms');
  const first = await proposed();
  expect(first).toMatchObject({
    decision: 'pending',
    risk: 'high',
    lines: [{ path: 'everyMs', before: '1000', after: '5000' }],
    next: `kora promotion approve ${first.id} --revision 1 --digest ${first.digest.slice(0, 12)} --reason '...'`,
  });
  expect(await api.decisions()).toMatchObject([
    { kind: 'promotion', asker: expect.stringContaining('promot') },
  ]);

  // The same again is nothing new; another value is another revision, to which no earlier word agrees.
  expect(await api.runPromotionLoop('promote_tide', 'again')).toMatchObject({ proposed: 0, unchanged: 1 });
  desk.paces = [{ place: 'brest', everyMs: 9_000, size: 20 }];
  expect(await api.runPromotionLoop('promote_tide', 'once more')).toMatchObject({ proposed: 1 });
  expect(await api.promotionDiff(first.id, { from: 1 })).toMatchObject({ from: 1, to: 2 });
  const old = { revision: 1, digest: first.digest, reason: 'as I read it' };
  await expect(api.approvePromotion(first.id, old)).rejects.toMatchObject({
    code: 'KORA_PROPOSAL_CHANGED',
    details: { revision: 2 },
  });
  expect((await api.answerDecision({ code, verdict: 'approve' })).status).toBe('over');
  expect(desk.inForce).toEqual([]);

  const newer = await codeOf('every 9000 ms');
  expect(await api.answerDecision({ code: newer, verdict: 'approve', note: 'right' })).toMatchObject({
    status: 'answered',
  });
  await expect.poll(() => desk.inForce, soon).toMatchObject([{ key: 'brest', value: { everyMs: 9_000 } }]);
  expect(await proposed()).toMatchObject({ decision: 'approved', application: 'applied' });
  expect((await api.promotionLoops())[0]).toMatchObject({ name: 'promote_tide', plugin: 'tide' });

  // Once for its key; and what was taken back does not come again by itself.
  const back = { reason: 'too slow', idempotencyKey: 'k' };
  for (const _ of [1, 2])
    expect(await api.rollBackPromotion(first.id, back)).toMatchObject({ application: 'rolled_back' });
  await expect.poll(() => desk.inForce, soon).toEqual([]);
  const refused = await api.runPromotionLoop('promote_tide', 'and now');
  expect(refused.refused).toMatchObject([{ why: expect.stringContaining('rolled back') }]);
});

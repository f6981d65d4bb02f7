import { acknowledgeAlertSchema, snoozeAlertSchema } from '@kora/runtime/client';
import type { AlertPing } from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { alert, ping, telling } from '../testing/alert-rows.ts';
import type { Route } from '../testing/api-server.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let sign: AlertPing | null = null;

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'GET /api/alerts': () => ({
    alerts: [
      alert(),
      alert({ alertId: 5, severity: 'warning', owed: 'cooldown', toldAt: null, snoozedUntil: before(-60) }),
      alert({ alertId: 6, incidentId: 12, toldAt: null, heardAt: null, acknowledgedAt: before(10) }),
      alert({ alertId: 7, heardAt: null }),
    ],
    ping: sign,
  }),
  'GET /api/alerts/4': () =>
    alert({
      returns: 3,
      escalations: 2,
      incidentId: 12,
      tellings: [telling({ channel: 'email', receipt: null, attempts: 2, error: '421' }), telling()],
    }),
  'POST /api/alerts/4/ack': ({ body }) =>
    alert({ acknowledgedAt: before(0), acknowledgeReason: acknowledgeAlertSchema.parse(body).reason }),
  'POST /api/alerts/4/snooze': ({ body }) => {
    const { reason, forMs } = snoozeAlertSchema.parse(body);
    return alert({ snoozedUntil: before(-forMs / 1_000), snoozeReason: reason });
  },
};

let scene: Scene;
beforeEach(async () => {
  sign = null;
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('list says which are seen, and when each was told or will be', async () => {
  const { exit, stdout } = await scene.run('alert', 'list', '--severity', 'critical');
  expect(exit).toBe(0);
  expect(stdout).toMatch(
    /^ *4 +active +critical +operational_state +1 min ago +no +59 s ago \(slack\) +Kora is paused$/m,
  );
  expect(stdout).toMatch(/^ *5 +active +warning .+ snoozed +after the cooldown /m);
  expect(stdout).toMatch(/^ *6 .+ yes +as incident 12 /m);
  // Without a receipt it was told to nobody.
  expect(stdout).toMatch(/^ *7 .+ no +not yet: put out 1 min ago /m);
  expect(stdout).not.toContain('sign of life');
});

it.each([
  ['got through', {}, /^sign of life to https:\/\/ping\.example {2}got through 30 s ago$/m],
  ['fails', { failures: 3, error: 'status 503' }, /got through 30 s ago; failed 3 times: status 503$/m],
  ['never was answered', { answeredAt: null }, /never got through$/m],
  ['is withheld', { withheld: 'it may not work: a deploy' }, /30 s ago; it may not work: a deploy$/m],
])('list says that the sign of life %s', async (_, over, says) => {
  sign = ping(over);
  expect((await scene.run('alert', 'list')).stdout).toMatch(says);
});

it('one is shown whole, with what to do about it', async () => {
  const { stdout } = await scene.run('alert', 'show', '#4');
  expect(stdout).toMatch(/^alert 4 {2}Kora is paused$/m);
  expect(stdout).toMatch(/^since +1 min ago, began 3 times$/m);
  expect(stdout).toMatch(/^reminders +2$/m);
  expect(stdout).toMatch(/^told +59 s ago \(slack\)$/m);
  expect(stdout).toMatch(/^escalates +in 14 min over email \(reminder 1 of 4\)$/m);
  expect(stdout).toMatch(/ email +none: refused 2 times, 421 +/);
  expect(stdout).toMatch(/ slack +D024BE91L\/1767225600\.000100 +/);
  expect(stdout).toMatch(/^incident +12 \(kora incident show 12\)$/m);
  expect(stdout).toMatch(/^next step +kora resume --reason done$/m);
  expect(stdout).toContain('of the shop');
});

it('ack and snooze take a reason, and snooze how long', async () => {
  const known = await scene.run('alert', 'ack', '4', '--reason', 'I am at it');
  expect(known).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^seen +now: I am at it$/m) });
  const quiet = await scene.run('alert', 'snooze', '4', '--for', '4h', '--reason', 'the vendor');
  expect(quiet).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^quiet +ends in 4 h: the vendor$/m),
  });
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'the vendor', forMs: 14_400_000 });
});

it.each([
  ['ack without a reason', ['ack', '4']],
  ['snooze without an end', ['snooze', '4', '--reason', 'x']],
  ['snooze without a reason', ['snooze', '4', '--for', '1h']],
  ['a name that is no number', ['ack', 'four', '--reason', 'x']],
])('%s is refused before anything is sent', async (_, args) => {
  expect((await scene.run('alert', ...args)).exit).toBe(64);
  expect(scene.api.asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

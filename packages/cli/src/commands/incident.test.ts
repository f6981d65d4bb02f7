import {
  acknowledgeIncidentSchema,
  newProbeWindowSchema,
  reasonSchema,
  silenceIncidentSchema,
} from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clock } from '../output/time.ts';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'GET /api/probes': () => [row.probe(), row.probe({ name: 'db' })],
  'GET /api/incidents': () => [
    row.incident(),
    row.incident({ incidentId: 4, causedBy: 'db', silencedUntil: row.before(-60) }),
    row.incident({ incidentId: 5, silencedUntil: row.before(60), acknowledgedAt: row.before(90) }),
    row.incident({ incidentId: 2, probe: 'mail', status: 'resolved' }),
    row.incident({ incidentId: 1, probe: 'mail', status: 'resolved' }),
    row.incident({ incidentId: 9, probe: 'cart', wakeId: 'w0', ticketId: 77 }),
  ],
  'GET /api/incidents/3': () =>
    row.incident({
      causedBy: 'db',
      consequenceOf: 2,
      flappingSince: row.before(60),
      stormId: 'w0',
      ticketId: null,
      reopened: 2,
    }),
  'GET /api/incidents/3/timeline': () => [
    row.incidentEntry(),
    row.incidentEntry({ kind: 'note', by: 'operator', text: 'asked the vendor\nand waited' }),
  ],
  'POST /api/incidents/3/ack': ({ body }) => (acknowledgeIncidentSchema.parse(body), row.incident()),
  'POST /api/incidents/3/silence': ({ body }) => {
    const { reason } = silenceIncidentSchema.parse(body);
    return row.incident({ silencedUntil: row.before(-3_600), silenceReason: reason });
  },
  'POST /api/incidents/3/note': ({ body }) => [
    row.incidentEntry({ kind: 'note', by: 'operator', text: reasonSchema.parse(body).reason }),
  ],
  'GET /api/probe-windows': () => [row.probeWindow(), row.probeWindow({ windowId: 6, probe: null })],
  'POST /api/probe-windows': ({ body }) => {
    const { probe, reason } = newProbeWindowSchema.parse(body);
    return row.probeWindow({ probe, reason });
  },
  'POST /api/probe-windows/5/end': ({ body }) => (reasonSchema.parse(body), row.probeWindow()),
};

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ routes })));
afterEach(async () => await scene.close());

const lastBody = (): unknown => scene.api.asked.at(-1)?.body;

it('show says what explains it, that it flaps, whose storm it is, and what happened in order', async () => {
  const { exit, stdout } = await scene.run('incident', 'show', '3');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^because of +db, incident 2$/m);
  expect(stdout).toMatch(/^failing +.*, on and off: it came back 2 times$/m);
  expect(stdout).toMatch(/^flapping +since 1 min ago$/m);
  expect(stdout).toMatch(/^storm +investigated with incident 9, cart, which leads it$/m);
  expect(stdout).toMatch(/^ticket +none of its own; its leader’s is 77$/m);
  const [time] = /\d\d:\d\d:\d\d(?= {2}opened)/.exec(stdout) ?? [];
  expect(time).toBe(clock(row.before(30)));
  expect(stdout).toMatch(/\d\d:\d\d {2}opened {11}connect ECONNREFUSED/m);
  expect(stdout).toMatch(/\d\d:\d\d {2}note \(operator\) {2}asked the vendor$/m);
});

it('list says which is only a consequence, and which is kept quiet', async () => {
  const { stdout } = await scene.run('incident', 'list');
  const line = (id: number): string =>
    stdout.split('\n').find((each) => each.trim().startsWith(`${id} `)) ?? '';
  expect(line(3)).toMatch(/ no +\S/);
  expect(line(3)).not.toContain('because of');
  expect(line(4)).toMatch(/ quiet +.*, because of db$/);
  expect(line(5)).toMatch(/ yes +\S/);
});

it('the name of a probe is its open incident, else its newest one', async () => {
  expect((await scene.run('incident', 'show', 'checkout')).exit).toBe(0);
  await scene.run('incident', 'show', 'mail');
  const asked = scene.api.asked.map(({ path }) => path).filter((path) => /incidents\/\d+$/.test(path));
  expect(asked).toEqual(['/api/incidents/3', '/api/incidents/2']);
});

it('silence and ack take how long, in milliseconds; silence wants to know how long and why', async () => {
  const quiet = await scene.run('incident', 'silence', '3', '--for', '1h', '--reason', 'the vendor');
  expect(quiet).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^quiet +ends in 1 h: the vendor$/m),
  });
  expect(lastBody()).toEqual({ reason: 'the vendor', forMs: 3_600_000 });
  await scene.run('incident', 'ack', '3', '--for', '30m', '--reason', 'known');
  expect(lastBody()).toEqual({ reason: 'known', forMs: 1_800_000 });
  expect((await scene.run('incident', 'silence', '3', '--reason', 'x')).exit).toBe(64);
  expect((await scene.run('incident', 'silence', '3', '--for', '1h')).exit).toBe(64);
});

it('note writes a line and shows the timeline', async () => {
  const { exit, stdout } = await scene.run('incident', 'note', '3', 'asked the vendor');
  expect([exit, lastBody()]).toEqual([0, { reason: 'asked the vendor' }]);
  expect(stdout).toContain('note (operator)  asked the vendor');
});

it('a window is added for one probe, by the start of its name, or for all; it is listed and ended', async () => {
  const two = ['--for', '2h', '--reason', 'new database'];
  expect((await scene.run('probe', 'window', 'add', 'check', ...two)).exit).toBe(0);
  expect(lastBody()).toEqual({ probe: 'checkout', reason: 'new database', forMs: 7_200_000 });
  await scene.run('probe', 'window', 'add', 'all', ...two, '--from', '2026-05-01T08:00:00Z');
  expect(lastBody()).toMatchObject({ probe: null, from: '2026-05-01T08:00:00.000Z' });
  const listed = await scene.run('probe', 'window', 'list');
  expect(listed.stdout).toMatch(/^ *5 +checkout +/m);
  expect(listed.stdout).toMatch(/^ *6 +all +/m);
  expect((await scene.run('probe', 'window', 'end', '5')).exit).toBe(0);
});

it.each([
  ['an unknown verb', ['open']],
  ['no probe', ['add', '--for', '1h', '--reason', 'x']],
  ['no length', ['add', 'all', '--reason', 'x']],
  ['no reason', ['add', 'all', '--for', '1h']],
  ['a time that is none', ['add', 'all', '--for', '1h', '--reason', 'x', '--from', 'tomorrow']],
  ['an id that is none', ['end', 'five']],
])('a window with %s is refused before anything is sent', async (_, args) => {
  expect((await scene.run('probe', 'window', ...args)).exit).toBe(64);
  expect(scene.api.asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

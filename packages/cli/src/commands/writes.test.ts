import {
  cadenceChangeSchema,
  newTicketSchema,
  pauseSchema,
  reasonSchema,
  reassignSchema,
  reprioritiseSchema,
  resumeSchema,
} from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const receipt = { accepted: true, eventSeq: 413 };
const operational = {
  primaryState: 'ready',
  claimPermission: 'normal',
  degradationReasons: [],
  holds: [row.hold({ holdId: 9, cause: 'cost', reason: 'the pool is empty' })],
  stopLevel: 0,
  since: row.noon,
  valid_next_states: [],
  barred_next_states: [],
  stopped_reason: null,
  transition_history: [],
};

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'POST /api/tickets': ({ body }) => {
    const { title, priority, critical, payload } = newTicketSchema.parse(body);
    return row.ticket({ title, priority, critical, payload });
  },
  'GET /api/tickets': () => [
    row.ticket(),
    row.ticket({ ticketId: 15, title: 'Rotate the other one', idempotencyKey: 'nightly:2026-11-21' }),
  ],
  'POST /api/tickets/14/cancel': ({ body }) =>
    row.ticket({ status: 'cancelled', statusReason: reasonSchema.parse(body).reason }),
  'POST /api/tickets/15/retry': ({ body }) => (reasonSchema.parse(body), row.ticket({ ticketId: 15 })),
  'POST /api/tickets/14/unblock': ({ body }) => (reasonSchema.parse(body), row.ticket()),
  'POST /api/tickets/14/release': ({ body }) => (reasonSchema.parse(body), row.ticket()),
  'POST /api/tickets/14/reprioritise': ({ body }) =>
    row.ticket({ priority: reprioritiseSchema.parse(body).priority }),
  'POST /api/tickets/14/reassign': ({ body }) =>
    row.ticket({ assignedTo: reassignSchema.parse(body).assignedTo }),
  'POST /api/tickets/14/note': ({ body }) => (reasonSchema.parse(body), row.ticket()),
  'POST /api/tickets/99/cancel': () => ({
    refuse: 404,
    code: 'KORA_TICKET_UNKNOWN',
    message: 'there is no ticket 99',
    hint: 'kora ticket list',
  }),
  'GET /api/daemons': () => [row.daemon(), row.daemon({ name: 'probe_http' })],
  'POST /api/daemons/probe_wake/restart': ({ body }) => (reasonSchema.parse(body), receipt),
  'GET /api/tasks': () => [row.task()],
  'POST /api/tasks/heartbeat.http/run': ({ body }) =>
    row.occurrence(
      reasonSchema.parse(body).reason === 'fail' ? { outcome: 'failed', error: 'no route' } : {},
    ),
  'POST /api/tasks/heartbeat.http/cadence': ({ body }) => {
    const { cadence, reason } = cadenceChangeSchema.parse(body);
    const cadenceOrder = { by: 'operator', reason, at: row.before(1) };
    return row.taskDetail({ cadence: JSON.stringify(cadence), cadenceOrder });
  },
  'POST /api/tasks/heartbeat.http/pause': ({ body }) => ({
    name: 'heartbeat.http',
    paused: true,
    changed: reasonSchema.parse(body).reason !== 'again',
  }),
  'POST /api/tasks/heartbeat.http/resume': ({ body }) => (
    reasonSchema.parse(body), { name: 'heartbeat.http', paused: false, changed: true }
  ),
  'POST /api/tasks/heartbeat.http/reset': ({ body }) => (reasonSchema.parse(body), row.taskDetail()),
  'GET /api/probes': () => [row.probe(), row.probe({ name: 'db' })],
  'POST /api/probes/checkout/run': () =>
    row.probe({ status: 'unreachable', error: 'ECONNREFUSED', incidentId: 3 }),
  'POST /api/probes/db/run': () => row.probe({ name: 'db', details: { connections: 3 } }),
  'GET /api/incidents': () => [row.incident(), row.incident({ incidentId: 2, status: 'resolved' })],
  'POST /api/incidents/3/ack': ({ body }) => (
    reasonSchema.parse(body), row.incident({ acknowledgedAt: row.noon })
  ),
  'GET /api/identities': () => [row.identity(), row.identity({ name: 'eeyore', active: false })],
  'POST /api/identities/use': () => receipt,
  'POST /api/pause': ({ body }) =>
    row.hold({ reason: pauseSchema.parse(body).reason, expiresAt: row.before(-3_600) }),
  'POST /api/resume': ({ body }) => (resumeSchema.parse(body), operational),
};

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ routes })));
afterEach(async () => await scene.close());

const lastBody = (): unknown => scene.api.asked.at(-1)?.body;

describe('ticket', () => {
  it('add sends what was typed and nothing that was not', async () => {
    const flags = [
      '--title',
      'Rotate',
      '--priority',
      'high',
      '--critical',
      '--payload',
      '{"a":[1]}',
      '--key',
      'k',
    ];
    const ran = await scene.run('ticket', 'add', ...flags, '--json');
    expect(ran.exit).toBe(0);
    expect(lastBody()).toEqual({
      title: 'Rotate',
      priority: 'high',
      critical: true,
      payload: { a: [1] },
      idempotencyKey: 'k',
    });
    await scene.run('ticket', 'add', '--title', 'Bare');
    expect(lastBody()).toEqual({ title: 'Bare', critical: false });
  });

  it.each(['{not json', '[1]', '"text"', 'null'])(
    'add refuses the payload %s before it is sent',
    async (payload) => {
      const ran = await scene.run('ticket', 'add', '--title', 'x', '--payload', payload, '--json');
      expect(ran.exit).toBe(64);
      expect(ran.document().error).toMatchObject({ type: 'usage', code: 'KORA_TICKET_INVALID' });
      expect(ran.document().error['message']).toContain('--payload');
      expect(scene.api.asked).toHaveLength(0);
    },
  );

  it('cancel takes an id, with or without #, and retry a key', async () => {
    expect(await scene.run('ticket', 'cancel', '#14', '--reason', 'done by hand')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('cancelled: done by hand'),
    });
    expect((await scene.run('ticket', 'retry', 'nightly:', '--reason', 'again')).exit).toBe(0);
  });

  it('add takes a time or a span, needed tickets, an actor and a downshift', async () => {
    const flags = ['--blocked-by', '12, #14', '--assign', 'operator', '--downshift', 'eligible'];
    await scene.run('ticket', 'add', '--title', 'Later', '--not-before', '90m', ...flags);
    expect(lastBody()).toEqual({
      title: 'Later',
      critical: false,
      notBefore: row.before(-5_400),
      blockedBy: [12, 14],
      assignedTo: 'operator',
      downshift: 'eligible',
    });
    await scene.run('ticket', 'add', '--title', 'Later', '--not-before', '2026-12-24T06:00+01:00');
    expect(lastBody()).toMatchObject({ notBefore: '2026-12-24T05:00:00.000Z' });
    for (const wrong of [
      ['--not-before', 'soon'],
      ['--not-before', '2027'],
      ['--blocked-by', '12,x'],
    ])
      expect((await scene.run('ticket', 'add', '--title', 'x', ...wrong)).exit).toBe(64);
    expect(scene.api.asked).toHaveLength(2);
  });

  it('unblock, release, reprioritise, reassign and note say what was typed', async () => {
    expect((await scene.run('ticket', 'release', '14', '--reason', 'it hangs')).exit).toBe(0);
    expect(lastBody()).toEqual({ reason: 'it hangs' });
    const urgent = await scene.run('ticket', 'reprioritise', '14', '--to', 'high', '--reason', 'first');
    expect(urgent.exit).toBe(0);
    expect(lastBody()).toEqual({ reason: 'first', priority: 'high' });
    expect((await scene.run('ticket', 'reprioritise', '14', '--to', 'top', '--reason', 'x')).exit).toBe(64);
    expect((await scene.run('ticket', 'unblock', '14', '--reason', 'go on')).exit).toBe(0);
    expect(lastBody()).toEqual({ reason: 'go on' });
    const ran = await scene.run('ticket', 'reassign', '14', '--to', 'operator', '--reason', 'by hand');
    expect(ran.stdout).toMatch(/assigned +to operator/);
    expect(lastBody()).toEqual({ reason: 'by hand', assignedTo: 'operator' });
    expect((await scene.run('ticket', 'note', '14', 'asked the owner')).exit).toBe(0);
    expect(lastBody()).toEqual({ reason: 'asked the owner' });
  });

  it('an ambiguous title lists the candidates', async () => {
    const ran = await scene.run('ticket', 'cancel', 'rotate', '--reason', 'x');
    expect(ran.exit).toBe(64);
    expect(ran.stderr).toMatch(
      /fits 2 tickets:[\s\S]*14 {2}Rotate the staging certificate[\s\S]*15 {2}nightly:2026-11-21/,
    );
  });

  it('a refusal of the runtime keeps its code and hint', async () => {
    const ran = await scene.run('ticket', 'cancel', '99', '--reason', 'x', '--json');
    expect(ran.exit).toBe(1);
    expect(ran.document().error).toEqual({
      type: 'failed',
      code: 'KORA_TICKET_UNKNOWN',
      message: 'there is no ticket 99',
      hint: 'kora ticket list',
    });
  });

  it('a mutation without a reason is not sent', async () => {
    const ran = await scene.run('ticket', 'cancel', '14');
    expect(ran.exit).toBe(64);
    expect(ran.stderr).toContain('needs --reason');
    expect(scene.api.asked).toHaveLength(0);
  });
});

describe('what runs', () => {
  it('daemon restart names it by its start', async () => {
    expect(await scene.run('daemon', 'restart', 'probe_w')).toMatchObject({
      exit: 0,
      stdout: 'probe_wake runs again\n',
    });
    expect((await scene.run('daemon', 'restart', 'probe')).exit).toBe(64);
    const none = await scene.run('daemon', 'restart', 'nope', '--json');
    expect(none.exit).toBe(1);
    expect(none.document().error).toMatchObject({ code: 'KORA_DAEMON_UNKNOWN', hint: 'kora daemon list' });
  });

  it('task pause says how it goes on, and what was paused already stays so', async () => {
    const paused = await scene.run('task', 'pause', 'heartbeat', '--reason', 'a test');
    expect(paused).toMatchObject({ exit: 0 });
    expect(paused.stdout).toContain('heartbeat.http  paused\ngo on with: kora task resume heartbeat.http');
    const again = await scene.run('task', 'pause', 'heartbeat', '--reason', 'again');
    expect(again.stdout).toContain('heartbeat.http was paused already');
    const resumed = await scene.run('task', 'resume', 'heartbeat', '--reason', 'done', '--json');
    expect(resumed.document().data).toEqual({ name: 'heartbeat.http', paused: false, changed: true });
    expect((await scene.run('task', 'resume', 'heartbeat')).exit).toBe(64);
  });

  it('task run exits by its outcome', async () => {
    expect(await scene.run('task', 'run', 'heartbeat')).toMatchObject({
      exit: 0,
      stdout: 'heartbeat.http  ok  1 s\n',
    });
    const failed = await scene.run('task', 'run', 'heartbeat', '--reason', 'fail', '--json');
    expect(failed.exit).toBe(1);
    expect(failed.document()).toMatchObject({ ok: true, data: { outcome: 'failed' } });
  });

  it.each([
    [['--every', '10m'], { everyMs: 600_000 }],
    [['--cron', '0 3 * * *'], { cron: '0 3 * * *' }],
    [['--cron', '0 3 * * *', '--zone', 'Europe/Berlin'], { cron: '0 3 * * *', zone: 'Europe/Berlin' }],
    [['--at', '2026-05-01T10:00:00+02:00'], { at: '2026-05-01T08:00:00.000Z' }],
  ])('task cadence %j is what it says, and who said so is told', async (flags, cadence) => {
    const ran = await scene.run('task', 'cadence', 'heartbeat', ...flags, '--reason', 'a test', '--json');
    expect(ran.exit).toBe(0);
    expect(ran.document().data).toMatchObject({ cadence: JSON.stringify(cadence) });
    expect(
      (await scene.run('task', 'cadence', 'heartbeat', ...flags, '--reason', 'a test')).stdout,
    ).toContain('set by operator 1 s ago: a test; declared is every 30 s');
  });

  it.each([
    [['--reason', 'none at all']],
    [['--every', '10m', '--cron', '0 3 * * *', '--reason', 'two']],
    [['--every', '10m', '--zone', 'UTC', '--reason', 'a zone of nothing']],
    [['--at', '2026-05-01', '--reason', 'no time of day']],
    [['--every', 'often', '--reason', 'no span']],
    [['--every', '10m']],
  ])('task cadence %j is refused before anything is asked', async (flags) => {
    expect((await scene.run('task', 'cadence', 'heartbeat', ...flags)).exit).toBe(64);
  });

  it('task reset gives a task its own cadence back, and wants a reason', async () => {
    expect(await scene.run('task', 'reset', 'heartbeat', '--reason', 'seen enough')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('every 30 s, as its plugin declares'),
    });
    expect((await scene.run('task', 'reset', 'heartbeat')).exit).toBe(64);
  });

  it('probe run exits 1 for what it finds unreachable: a finding, not a fault', async () => {
    const ran = await scene.run('probe', 'run', 'checkout', '--json');
    expect(ran.exit).toBe(1);
    expect(ran.document()).toMatchObject({ ok: true, data: { status: 'unreachable' } });
    expect(await scene.run('probe', 'run', 'db')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('connections'),
    });
  });

  it('incident ack takes the name of the probe: the open one is meant', async () => {
    expect(await scene.run('incident', 'ack', 'check')).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^seen +now$/m),
    });
  });

  it('identity use', async () => {
    expect(await scene.run('identity', 'use', 'ee')).toMatchObject({
      exit: 0,
      stdout: 'eeyore is the identity now\n',
    });
    expect(lastBody()).toEqual({ name: 'eeyore', reason: 'chosen from the command line' });
  });
});

describe('state', () => {
  it('pause sends its span in milliseconds and says how to lift it', async () => {
    const ran = await scene.run('pause', '--for', '1h', '--reason', 'deploying');
    expect(ran.exit).toBe(0);
    expect(lastBody()).toEqual({ reason: 'deploying', forMs: 3_600_000 });
    expect(ran.stdout).toMatch(
      /^paused  hold #4 operator, 3 min ago: deploying \(ends in 1 h\)\n.*kora resume --hold 4/,
    );
  });

  it('pause refuses a span that does not parse', async () => {
    const ran = await scene.run('pause', '--for', 'ever', '--reason', 'x');
    expect(ran).toMatchObject({ exit: 64, stderr: expect.stringContaining('--for takes a span of time') });
  });

  it('resume lifts one hold or all of the operator’s, and says what still holds', async () => {
    const ran = await scene.run('resume', '--hold', '#4', '--reason', 'done');
    expect(lastBody()).toEqual({ reason: 'done', holdId: 4 });
    expect(ran.stdout).toContain('still held: #9 cost');
    await scene.run('resume', '--reason', 'done');
    expect(lastBody()).toEqual({ reason: 'done' });
    expect((await scene.run('resume', '--hold', 'x', '--reason', 'done')).exit).toBe(64);
  });
});

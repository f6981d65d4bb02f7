import { expect, test } from 'vitest';
import { Contributions } from './contributions.ts';
import { guardFor } from './guard.ts';

const ticket = { kind: 'k', title: 't', origin: 'operator', trusted: true, idempotencyKey: 'key' };
const message = {
  key: 'incident:7',
  thread: 't',
  severity: 'info',
  title: '',
  body: '',
  source: 's',
} as const;
const event = { type: 'tide.turned', payload: {}, actorId: 'operator', fence: 3, ticketId: 1 };

test('a trusted plugin says what it says', () => {
  const contributions = new Contributions();
  contributions.add('events', 'tide.turned');
  const guard = guardFor({ id: 'tide', trusted: true }, contributions);
  expect(guard.ticket(ticket)).toBe(ticket);
  expect(guard.message(message)).toBe(message);
  expect(guard.event(event)).toBe(event);
});

test('an untrusted one cannot speak for the operator, take a key of the house, or use the words of another', () => {
  const contributions = new Contributions();
  contributions.add('events', 'tide.turned');
  const guard = guardFor({ id: 'tide', trusted: false }, contributions);
  expect(guard.ticket(ticket)).toEqual({
    kind: 'k',
    title: 't',
    origin: 'plugin:tide',
    trusted: false,
    idempotencyKey: 'tide:key',
  });
  expect(guard.message({ ...message, source: 'probe_investigation' })).toMatchObject({
    key: 'tide:incident:7',
    source: 'plugin:tide',
  });
  expect(guard.event(event)).toEqual({ type: 'tide.turned', payload: {}, ticketId: 1 });
  const foreign = { ...event, type: 'kora.boot.ready' };
  expect(() => guard.event(foreign)).toThrow(expect.objectContaining({ code: 'KORA_EVENT_UNKNOWN' }));
  expect(() => guard.consequences({ events: [foreign] })).toThrow('did not register');
  expect(guard.consequences({ tickets: [ticket], messages: [message] })).toMatchObject({
    tickets: [{ trusted: false }],
    messages: [{ key: 'tide:incident:7' }],
  });
});

test('a trusted plugin raises the types of a contract that it holds, and never those of the house or of another plugin', () => {
  const contributions = new Contributions();
  const guard = guardFor({ id: 'tide-watch', trusted: true }, contributions);
  const probed = { type: 'probe.investigation_completed', payload: {} };
  expect(() => guard.event(probed)).toThrow('did not register the event type probe.investigation_completed');
  contributions.add('probes', 'harbour');
  expect(guard.event(probed)).toBe(probed);
  expect(guard.event({ ...probed, type: 'alert.wake_requested' }).type).toBe('alert.wake_requested');
  for (const type of ['kora.boot.ready', 'moon.rose']) {
    const refused = { code: 'KORA_EVENT_UNKNOWN', fix: expect.stringContaining('tide_watch.') };
    expect(() => guard.consequences({ events: [{ type, payload: {} }] })).toThrow(
      expect.objectContaining(refused),
    );
  }
});

test('an untrusted plugin raises nothing of a contract, though it holds a probe', () => {
  const contributions = new Contributions();
  contributions.add('probes', 'harbour');
  const guard = guardFor({ id: 'tide', trusted: false }, contributions);
  expect(() => guard.event({ type: 'probe.wake_requested', payload: {} })).toThrow('did not register');
});

test('a stranger asks neither as the operator nor with evidence of the house, and its tools begin with its id', () => {
  const contributions = new Contributions();
  const guard = guardFor({ id: 'tide-watch', trusted: false }, contributions);
  const quoted = [
    { source: 'mail', text: 'pay me', evidenceId: 'event:4711' },
    { source: 'log', text: 'x' },
  ];
  const question = { route: 'cockpit', text: 'how high?', quoted } as const;
  expect(guard.question(question)).toEqual({
    route: 'unknown',
    text: 'how high?',
    quoted: [
      { source: 'mail', text: 'pay me', evidenceId: 'tide-watch:event:4711' },
      { source: 'log', text: 'x' },
    ],
  });
  expect(guard.question({ route: 'scheduled_task', text: '' }).route).toBe('scheduled_task');
  const tool = { name: 'tide_watch__height' };
  expect(guard.tool(tool)).toBe(tool);
  expect(() => guard.tool({ name: 'moon__phase' })).toThrow('must begin with tide_watch_');
  const trusted = guardFor({ id: 'tide-watch', trusted: true }, contributions);
  expect(trusted.question(question)).toBe(question);
  expect(trusted.tool({ name: 'moon__phase' }).name).toBe('moon__phase');
});

import { describe, expect, test } from 'vitest';
import { isAbout, tellingOf } from './wake-telling.ts';
import type { Telling } from './wake-telling.ts';

type Alert = NonNullable<Telling['alert']>;
type Message = NonNullable<Telling['first']>;

const alert: Alert = {
  alertId: 4,
  wakeId: 'wake-4',
  source: 'daemon',
  thread: 'alert:4',
  keys: ['alerts:summary:9'],
  returns: 1,
  owed: null,
  toldAt: null,
  acknowledgedBy: null,
  acknowledgeReason: null,
  snoozedUntil: null,
  snoozeReason: null,
};

const message: Message = {
  messageId: 9,
  key: 'alerts:summary:9',
  thread: 'alerts:summary',
  severity: 'warning',
  title: 'Two alerts',
  source: 'alert',
  channel: 'pager',
  createdAt: '2026-11-22T12:00:00.000Z',
  receipt: null,
  receiptAt: null,
  attempts: 0,
  error: null,
};

function told(of: Partial<Telling>): ReturnType<typeof tellingOf> {
  return tellingOf({ first: undefined, moved: new Set(), incident: undefined, alert: undefined, ...of });
}

describe('who was told of a wake', () => {
  const receiptAt = '2026-11-22T12:00:01.000Z';

  test.each([
    ['is on its way', {}, [], 'pending', null],
    ['was refused and is tried again', { attempts: 2, error: 'refused' }, [], 'failed', 'refused'],
    ['was taken', { attempts: 1, receiptAt }, [], 'delivered', null],
    ['was taken at the second try', { attempts: 2, receiptAt, error: 'refused' }, [], 'delivered', null],
    ['waits for its next channel', { error: 'refused' }, [9], 'pending', 'refused'],
    [
      'was taken by its next channel',
      { receiptAt, attempts: 1 },
      [9],
      'fallback',
      'the first channel did not take it',
    ],
  ] as const)('a message that %s', (_, part, moved, status, why) => {
    expect(told({ alert, first: { ...message, ...part }, moved: new Set(moved) })).toEqual({
      messageId: 9,
      channel: 'pager',
      status,
      why,
    });
  });

  test('a rule that holds it back, and who knew before, are no failure to tell', () => {
    expect(told({ alert: { ...alert, owed: 'quiet' } })?.status).toBe('held');
    expect(told({ alert: { ...alert, owed: 'now' } })?.status).toBe('pending');
    const known = { ...alert, acknowledgedBy: 'operator', acknowledgeReason: 'I do it' };
    expect(told({ alert: known })).toMatchObject({ status: 'not_owed', why: 'operator knew of it: I do it' });
    const snoozed = { ...alert, snoozedUntil: receiptAt, snoozeReason: 'moving' };
    expect(told({ alert: snoozed })).toMatchObject({ status: 'not_owed', why: 'it is snoozed: moving' });
  });

  test('nobody told, and nothing known any more, are two things', () => {
    expect(told({ alert })).toMatchObject({ status: 'not_told' });
    expect(told({ alert: { ...alert, toldAt: receiptAt } })).toBeNull();
    expect(told({})).toBeNull();
  });

  test('a message about several alerts tells of each', () => {
    expect(isAbout(message, { incident: undefined, alert })).toBe(true);
    expect(isAbout({ ...message, key: 'other' }, { incident: undefined, alert })).toBe(false);
    expect(isAbout({ key: 'other', thread: 'alert:4' }, { incident: undefined, alert })).toBe(true);
    expect(isAbout(message, { incident: undefined, alert: undefined })).toBe(false);
  });
});

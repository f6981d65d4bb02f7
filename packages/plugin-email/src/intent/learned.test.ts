import type { ChainEvent, EventQuery, Overlay } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config.ts';
import { judging } from './judged.ts';
import { learnedIn, LearnedPatterns, patternValue } from './learned.ts';
import { intentOf } from './match.ts';
import { decideIntent } from './ticket.ts';

const config = configSchema.parse({}).intent;
const invoice = {
  subject: 'Invoice from Acme',
  confidence: 'high',
  action: 'ticket',
  tags: ['money'],
} as const;

function overlay(key: string, value: unknown, revision = 1): Overlay {
  const since = '2026-01-01T00:00:00.000Z';
  return { kind: 'email.intent_pattern', key, value, proposalId: 7, revision, since, trialUntil: null };
}

async function taught(...overlays: readonly Overlay[]): Promise<LearnedPatterns> {
  const patterns = new LearnedPatterns();
  await patterns.changes(config).take(overlays);
  return patterns;
}

describe('a phrase that was learned', () => {
  it.each([
    ['Invoice from Acme', true],
    ['Re: Fwd: your  INVOICE — from acme, no. 12', true],
    ['Invoices from Acme', false],
    ['Invoice of Acme', false],
    ['idea: invoice from Acme', false],
    ["In'voice from Acme’s", false],
  ])('%j is read by it: %s', async (subject, isRead) => {
    const { inForce: learned } = await taught(overlay('invoice', invoice, 4));
    const { pattern } = intentOf(subject, '', { learned });
    expect(pattern === 'learned:invoice').toBe(isRead);
  });

  it.each([
    ['high', 'ticket', 'learned:invoice'],
    ['medium', 'ticket', 'fwd_without_url'],
    ['high', 'log_only', 'fwd_without_url'],
  ])(
    'of %s confidence and %s, of a mail that was forwarded, leaves %s',
    async (confidence, action, pattern) => {
      const { inForce: learned } = await taught(overlay('invoice', { ...invoice, confidence, action }));
      expect(intentOf('Fwd: Invoice from Acme', '', { learned })).toMatchObject({ pattern });
    },
  );

  it('becomes what it says, under the floor and the cap of all', async () => {
    const { inForce: learned } = await taught(
      overlay('invoice', invoice, 4),
      overlay('news', { ...invoice, subject: 'weekly newsletter', action: 'log_only' }),
      overlay('travel', { ...invoice, subject: 'your booking', confidence: 'medium' }),
    );
    const decide = (subject: string, inLastHour = 0) =>
      decideIntent({ messageId: '<a@b>', from: 'joe@example.org', subject, text: '' }, config, inLastHour, {
        learned,
      });
    expect(decide('Invoice from Acme')).toMatchObject({
      action: 'created',
      intent: { pattern: 'learned:invoice', tags: ['email', 'money'], learned: { revision: 4 } },
    });
    expect(decide('Invoice from Acme', 10).action).toBe('cap_exceeded');
    expect(decide('Our weekly newsletter')).toMatchObject({
      action: 'logged_only',
      reason: 'learned_log_only',
    });
    expect(decide('Your booking 77')).toMatchObject({ action: 'logged_only', reason: 'below_floor_high' });
  });

  it('is looked at before it is in force', async () => {
    const patterns = await taught(overlay('invoice', invoice));
    const look = (key: string, value: unknown) => patterns.changes(config).examine({ key, value });
    expect(await look('invoice', { ...invoice, action: 'log_only' })).toMatchObject({
      risk: 'low',
      refusal: null,
      lines: [{ path: 'action', before: 'ticket', after: 'log_only' }],
    });
    expect(await look('bill', { ...invoice, subject: 'the bill is due' })).toMatchObject({ risk: 'high' });
    expect(await look('bill', { ...invoice, subject: 'INVOICE, from acme' })).toMatchObject({
      refusal: expect.stringContaining('reads the same phrase'),
    });
    expect(await look('no key', invoice)).toMatchObject({ refusal: expect.stringContaining('key') });
  });

  it.each([{ subject: 're' }, { subject: '... !!' }, { tags: ['No Tag'] }, { action: 'delete' }])(
    'is none with %j',
    (over) => {
      expect(patternValue.safeParse({ ...invoice, ...over }).success).toBe(false);
    },
  );

  it('is literal: nothing in it is a pattern, and it never reads less than whole words', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 6 }), (subject, phrase) => {
        const { data } = patternValue.safeParse({ ...invoice, subject: phrase });
        const patterns = data === undefined ? [] : [{ ...data, key: 'k', revision: 1 }];
        expect(() => learnedIn(subject, patterns)).not.toThrow();
        expect(learnedIn(`say ${phrase} now`, patterns)?.key).toBe(patterns[0]?.key);
      }),
    );
  });
});

describe('the ticket of a mail', () => {
  const event = (seq: number, type: string, payload: object): ChainEvent =>
    ({ seq, type, payload }) as unknown as ChainEvent;
  const story = [
    event(1, 'kora.message.received', { inbound_id: 3, provider_id: '<a@example.org>' }),
    event(2, 'email.intent_read', {
      message_id: '<a@example.org>',
      pattern: 'learned:invoice',
      revision: 4,
      subject: 'S',
    }),
    event(3, 'sea_ticket.created', { ticket: 9, origin: 'channel:email' }),
    event(4, 'kora.message.handled', { inbound_id: 3, ticket: 9 }),
    event(5, 'sea_ticket.created', { ticket: 10, origin: 'operator' }),
  ];
  const cancel = (ticket: number) => event(9, 'sea_ticket.operator_action', { ticket, action: 'cancel' });
  const reacted = async (news: ChainEvent, more: readonly ChainEvent[] = []) => {
    const read = ({ type = '', ticketId, after = 0, before = Infinity }: EventQuery) =>
      Promise.resolve(
        [...story, ...more].filter(
          ({ seq, type: each, payload }) =>
            each === type &&
            seq > after &&
            seq < before &&
            (ticketId ?? payload['ticket']) === payload['ticket'],
        ),
      );
    const consequences = (await judging({ read }).react(news)) ?? {};
    return (consequences.events ?? []).map(({ payload }) => payload);
  };

  it('is unwanted when it was called off before anybody began, and confirmed when it was worked', async () => {
    const facts = {
      ticket: 9,
      pattern: 'learned:invoice',
      revision: 4,
      message_id: '<a@example.org>',
      subject: 'S',
    };
    expect(await reacted(cancel(9))).toEqual([{ ...facts, verdict: 'unwanted', how: 'cancelled' }]);
    const done = event(9, 'kora.sea_ticket.resolved', { ticket: 9, resolution: 'completed' });
    expect(await reacted(done)).toEqual([{ ...facts, verdict: 'confirmed', how: 'worked' }]);
  });

  it('says nothing of the mail where it was begun, failed, or came of something else', async () => {
    expect(await reacted(cancel(9), [event(6, 'sea_ticket.claimed_for_edit', { ticket: 9 })])).toEqual([]);
    expect(await reacted(cancel(10))).toEqual([]);
    expect(
      await reacted(event(9, 'kora.sea_ticket.resolved', { ticket: 9, resolution: 'failed_terminal' })),
    ).toEqual([]);
    expect(await reacted(event(9, 'sea_ticket.operator_action', { ticket: 9, action: 'reassign' }))).toEqual(
      [],
    );
  });
});

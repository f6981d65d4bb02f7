import { expect, it } from 'vitest';
import { scene } from '../../fixtures/scene.ts';
import { mail, signed } from '../../fixtures/world.ts';
import type { Written } from '../../fixtures/world.ts';
import { LearnedPatterns } from '../intent/learned.ts';

const letter = (parts: Written = {}) => signed(mail(parts));

it('a phrase is acted by with the next mail, and no more once it is taken back; what the operator saves by an answer is told', async () => {
  const patterns = new LearnedPatterns();
  await using at = await scene({}, {}, { learned: () => patterns.inForce });
  const { take } = patterns.changes(at.config.intent);
  const of = (type: string) =>
    at.house.events.filter((each) => each.type === type).map(({ payload }) => payload);
  const reads = async (parts: Written): Promise<unknown> => {
    const before = of('email.intent_read').length;
    at.imap.deliver(await letter(parts));
    await expect.poll(() => of('email.intent_read').length).toBe(before + 1);
    return of('email.intent_read').at(-1);
  };
  void at.start();
  const subject = 'Invoice from Acme 11';
  expect(await reads({ subject, messageId: '<one@example.org>' })).toMatchObject({
    action: 'logged_only',
    revision: null,
    subject,
  });

  // The operator's own hand: one word in answer to it.
  const headers = ['In-Reply-To: <one@example.org>'];
  const save = { subject: `Re: ${subject}`, headers, text: 'Save.\n\n> it' };
  expect(await reads({ ...save, messageId: '<save@example.org>' })).toMatchObject({
    action: 'created',
    pattern: 'reply_save',
  });
  await expect
    .poll(() => of('email.intent_judged'))
    .toEqual([
      {
        verdict: 'missed',
        how: 'reply',
        pattern: 'unrecognized',
        revision: null,
        ticket: null,
        message_id: '<one@example.org>',
        subject,
      },
    ]);
  expect(await reads({ ...save, messageId: '<again@example.org>' })).toMatchObject({ action: 'logged_only' });

  const value = { subject: 'invoice from acme', confidence: 'high', action: 'ticket' };
  const since = '2026-01-01T00:00:00.000Z';
  const learned = { kind: 'email.intent_pattern', key: 'invoice', value, proposalId: 7, revision: 2, since };
  await take([{ ...learned, trialUntil: null }]);
  expect(await reads({ subject: 'Invoice from Acme 12', messageId: '<two@example.org>' })).toMatchObject({
    action: 'created',
    pattern: 'learned:invoice',
    revision: 2,
  });
  await take([]);
  expect(await reads({ subject: 'Invoice from Acme 13', messageId: '<three@example.org>' })).toMatchObject({
    action: 'logged_only',
    pattern: 'unrecognized',
  });
});

import type { PastEvent } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAt, momentOf, pastOf } from '../testing/past.ts';
import { promoteEmailIntent } from './loop.ts';
import { emailIntentSettings } from './settings.ts';

const settings = emailIntentSettings.parse({});
const { signal } = new AbortController();
const key = 'learned_invoice_from_acme';

interface Mail {
  readonly subject: string;
  readonly isSaved?: boolean;
  readonly pattern?: string;
  readonly isUnwanted?: boolean;
}

/** Mails that were read, spread over days, and at once judged by the operator. */
function mailsOf(mails: readonly Mail[], fromDay = 0, days = 30): readonly PastEvent[] {
  return mails.flatMap(({ subject, isSaved = false, pattern = 'unrecognized', isUnwanted = false }, nth) => {
    const at = momentOf(fromDay + (days * nth) / mails.length);
    const mail = { message_id: `<${fromDay}.${nth}@x>`, subject, pattern };
    const action = pattern === 'unrecognized' ? 'logged_only' : 'created';
    const seq = fromDay * 10_000 + nth * 2 + 1;
    const read: PastEvent = { seq, type: 'email.intent_read', at, payload: { ...mail, action } };
    if (!isSaved && !isUnwanted) return [read];
    const verdict = isSaved ? 'missed' : 'unwanted';
    return [read, { seq: seq + 1, type: 'email.intent_judged', at, payload: { ...mail, verdict } }];
  });
}

/** Every third mail is an invoice that is saved by hand. */
function month(isSaved: (nth: number) => boolean = () => true): readonly PastEvent[] {
  return mailsOf(
    Array.from({ length: 240 }, (_, nth) =>
      nth % 3 === 0
        ? { subject: `Fwd: Invoice from ACME no ${1_000 + nth}`, isSaved: isSaved(nth) }
        : { subject: `${['Lunch', 'Minutes', 'Hello again'][nth % 3]} ${nth % 50}` },
    ),
  );
}

function loopOf(events: readonly PastEvent[]) {
  return promoteEmailIntent(pastOf({ events }), settings);
}

describe('promote_email_intent', () => {
  it('proposes the words by which saved mails are told from all others', async () => {
    const loop = loopOf(month());
    const { drafts } = await loop.observe(lookAt('shown'), signal);
    expect(drafts.map(({ change }) => change)).toEqual([
      {
        kind: 'email.intent_pattern',
        key: 'learned_invoice_from_acme_no',
        value: {
          subject: 'invoice from acme no',
          confidence: 'high',
          action: 'ticket',
          tags: ['email', 'learned'],
        },
      },
    ]);
    const [draft] = drafts;
    if (draft === undefined) return;
    const examined = await loop.examine(draft, lookAt('held_out'), signal);
    expect(examined).toMatchObject({ passed: true, gain: { microUsdPerDay: 0 } });
    const turned = await loopOf(month((nth) => nth % 2 === 0)).examine(draft, lookAt('held_out'), signal);
    expect(turned.passed).toBe(false);
  });

  it('proposes nothing where such mails are as often left alone, or where nothing repeats', async () => {
    const half = await loopOf(month((nth) => nth % 2 === 0)).observe(lookAt('shown'), signal);
    expect(half.drafts).toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ subject: fc.lorem({ maxCount: 5 }) }), { maxLength: 80 }),
        async (mails) => {
          expect((await loopOf(mailsOf(mails)).observe(lookAt('shown'), signal)).drafts).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is worse when its tickets are not wanted, better when they are, unclear when there are few', async () => {
    const change = {
      kind: 'email.intent_pattern',
      key,
      value: { subject: 'invoice from acme', confidence: 'high', action: 'ticket' },
    };
    const looks = { before: lookAt('all'), since: lookAt('all', { fromDay: 30, days: 5 }) };
    const verdictOf = async (count: number, isUnwanted: boolean) => {
      const fired = Array.from({ length: count }, () => ({
        subject: 'Invoice from ACME',
        pattern: `learned:${key}`,
        isUnwanted,
      }));
      const events = [...month(), ...mailsOf(fired, 30, 5)];
      return (await loopOf(events).measure(change, looks, signal)).verdict;
    };
    expect([await verdictOf(8, true), await verdictOf(12, false), await verdictOf(2, false)]).toEqual([
      'worse',
      'better',
      'unclear',
    ]);
  });
});

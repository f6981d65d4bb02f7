import { beforeAll, describe, expect, it } from 'vitest';
import type { Facts } from '../chaos/facts.ts';
import { judge } from '../chaos/judge.ts';
import { moments } from '../chaos/moments.ts';
import { storm, type Storm } from '../chaos/storm.ts';

const kills = 12;
const seed = 20_261_121;

describe(`kill -9 of the runtime, ${kills} times through the story of a dying shop`, () => {
  let after: Storm;

  beforeAll(async () => {
    after = await storm({ kills, seed });
  }, 300_000);

  it('met every moment, with work going on at each', () => {
    expect(after.kills).toHaveLength(kills);
    expect(after.kills.slice(0, moments.length)).toEqual(moments.map(({ name }) => name));
    expect(after.facts.acknowledged.length).toBeGreaterThan(kills);
    // The claims that a kill cut off were taken back and made again.
    expect(after.facts.events.map(({ type }) => type)).toContain('sea_ticket.claim_expired');
  });

  it('lost no ticket or message, did none twice, and left a chain that verifies with all cursors at its end', () => {
    expect(judge(after.facts)).toEqual([]);
  });

  it('told the one incident once: alert, findings, recovery', () => {
    const told = after.facts.messages
      .map(({ key }) => key)
      .filter((key) => /^(incident|investigation):/.test(key));
    expect(told[0]).toBe('incident:1:open');
    // An investigation that kills kept from its end may be told after the recovery.
    expect(told.slice(1).toSorted()).toEqual([
      expect.stringContaining('incident:1:resolve:'),
      expect.stringContaining('investigation:'),
    ]);
  });

  // A judge that lets everything pass proves nothing: each law is shown a run that broke it.
  const planted: { what: string; plant: (facts: Facts) => Partial<Facts> }[] = [
    {
      what: 'a ticket that was acknowledged is gone',
      plant: ({ tickets }) => ({ tickets: tickets.slice(1) }),
    },
    {
      what: 'a ticket was resolved twice',
      plant: ({ tickets }) => ({ tickets: tickets.map((ticket) => ({ ...ticket, completed: 2 })) }),
    },
    {
      what: 'a ticket is resolved and open at once',
      plant: ({ tickets }) => ({ tickets: tickets.map((ticket) => ({ ...ticket, open: 1 })) }),
    },
    { what: 'a message is gone', plant: ({ messages }) => ({ messages: messages.slice(1) }) },
    {
      what: 'a message was told twice',
      plant: ({ messages }) => ({ messages: messages.map((message) => ({ ...message, deliveries: 2 })) }),
    },
    {
      what: 'a message was accepted twice',
      plant: ({ messages }) => ({ messages: [...messages, ...messages] }),
    },
    {
      what: 'a delivery never reached the outside',
      // A kill may have had it told twice: neither did.
      plant: ({ wired }) => ({ wired: wired.filter((told) => told !== wired[0]) }),
    },
    { what: 'an event is gone', plant: ({ events }) => ({ events: events.slice(1) }) },
    { what: 'an event stays unsealed', plant: () => ({ staged: 1 }) },
    {
      what: 'a reader lags',
      plant: ({ consumers }) => ({ consumers: consumers.map((one) => ({ ...one, lag: 1 })) }),
    },
    { what: 'the chain breaks', plant: ({ verify }) => ({ verify: { ...verify, ok: false } }) },
  ];
  it.each(planted)('the judge sees when $what', ({ plant }) => {
    expect(judge({ ...after.facts, ...plant(after.facts) })).not.toEqual([]);
  });
});

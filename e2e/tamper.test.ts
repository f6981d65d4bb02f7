import { holdSchema, statusSchema, ticketSchema, verifySchema } from '@kora/runtime/client';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { House } from './harness/house.ts';
import type { StoreConnection } from './harness/store.ts';
import { until } from './harness/wait.ts';

/** Somebody with the database in hand: its owner can switch off the triggers that refuse changes to the log. */
interface Damage {
  readonly what: string;
  readonly problem: string;
  /** What it looks like when events were sealed after it; left out where that changes nothing. */
  readonly later?: string;
  damage(store: StoreConnection, seq: number): Promise<unknown>;
}

/** A few whole lives; every kind of damage is found by packages/runtime/src/chain/verify/damage.db.test.ts. */
const damages: readonly Damage[] = [
  {
    what: 'one byte of a stored body is changed',
    problem: 'changed',
    damage: (store, seq) =>
      // The last letter but one: the text stays JSON, of the same length.
      store.rows(
        `update kora.event_body set body = overlay(body placing
           case substr(body, length(body) - 2, 1) when '7' then '8' else '7' end from length(body) - 2 for 1)
         where seq = $1`,
        [seq],
      ),
  },
  {
    what: 'the tail is cut off',
    problem: 'truncated_tail',
    later: 'missing',
    damage: async (store, seq) => {
      await store.rows('delete from kora.event where seq >= $1', [seq]);
      await store.rows('delete from kora.event_body where seq >= $1', [seq]);
    },
  },
];

describe('a chain that somebody changed', () => {
  it.each(damages)(
    '$what: verify names the sequence, and the next start is paused and says why',
    async (damage) => {
      const house = new House();
      onTestFinished(() => house[Symbol.asyncDispose]());
      const first = await house.up();
      const sound = await house.read(verifySchema, 'event', 'verify');
      expect([sound.data.ok, sound.code]).toEqual([true, 0]);

      const seq = await tamper(house, damage);
      const found = await house.read(verifySchema, 'event', 'verify');
      // Something may be sealed behind the cut before anybody looks.
      const problems = [damage.problem, damage.later].filter(Boolean);
      expect(found.data).toMatchObject({ ok: false, firstBadSeq: seq });
      expect(problems).toContain(found.data.problem);
      expect(found.code).toBe(1);
      const text = await house.kora('event', 'verify');
      expect([text.stdout.split('\n')[0], text.code]).toEqual([expect.stringContaining(`at #${seq}`), 1]);

      expect((await house.kora('down')).code).toBe(0);
      expect((await first.child.ended).code).toBe(0);

      // It comes up all the same: the operator needs its commands and its page to find out what happened.
      const second = await house.up();
      expect(second.ready.primaryState).toBe('paused');
      const { data: status } = await house.read(statusSchema, 'status');
      expect(status).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
      // The runtime may meet it while it still runs, or when more was sealed behind it.
      const words = new RegExp(`event #${seq} is (?:${problems.join('|')})`);
      const reason = expect.stringMatching(words) as string;
      const holds = status.holds.map((hold) => holdSchema.parse(hold));
      // One that ran on may have missed what it had verified last before anybody looked at the whole: then there is that
      // hold too.
      const missed = /^event #\d+ is missing: it was verified before and is gone$/;
      const earlier = holds
        .slice(0, -1)
        .filter(({ cause, reason: why }) => cause !== 'chain' || !missed.test(why));
      expect(earlier).toEqual([]);
      expect(holds.length).toBeLessThanOrEqual(damage.later === undefined ? 1 : 2);
      expect(holds.at(-1)).toEqual(
        expect.objectContaining({ cause: 'chain', owner: `verification:${seq}`, reason }),
      );
      expect((await house.kora('status')).stdout).toMatch(words);
      expect((await house.read(verifySchema, 'event', 'verify')).data.firstBadSeq).toBe(seq);
    },
  );
});

describe('a chain before and after', () => {
  // One house: the log is tried while it is whole, and damaged after.
  const house = new House();
  afterAll(() => house[Symbol.asyncDispose]());

  it('without the owner’s tricks the log refuses every change', async () => {
    await house.up();
    await using store = await house.store();
    const changes = [
      'update kora.event set type = type',
      'delete from kora.event where seq = 1',
      'update kora.event_body set body = body',
      'truncate kora.event_body',
      'delete from kora.event_0',
      'truncate kora.event_body_0',
    ];
    for (const change of changes) await expect(store.rows(change), change).rejects.toThrow('append-only');
  });

  it('a paused runtime claims no ticket, and does after the operator lifts the hold by name', async () => {
    const [damage] = damages;
    if (damage !== undefined) await tamper(house, damage);
    await house.kora('down');
    await house.up();
    const order = ['--kind', 'probe_investigation', '--title', 'nothing to investigate'];
    const { data: ticket } = await house.read(ticketSchema, 'ticket', 'add', ...order);
    const [hold] = (await house.read(statusSchema, 'status')).data.holds;
    // Bare, it lifts what the operator set, and this is not his.
    expect((await house.kora('resume', '--reason', 'looked at it')).code).toBe(0);
    expect((await house.read(statusSchema, 'status')).data.primaryState).toBe('paused');
    expect((await house.api().tickets.show(ticket.ticketId)).status).toBe('assigned');
    const { code, stderr } = await house.kora(
      'resume',
      '--hold',
      String(hold?.holdId),
      '--reason',
      'a known change',
    );
    expect(code, stderr).toBe(0);
    // Its handler finds no order in it; what counts is that it was asked.
    await until('the ticket to be claimed', async () => {
      return (await house.api().tickets.show(ticket.ticketId)).status === 'failed_terminal';
    });
    expect((await house.read(statusSchema, 'status')).data.holds).toEqual([]);
  });
});

/** Damages an event in the middle of a sealed chain; answers its sequence. */
async function tamper(house: House, { damage }: Damage): Promise<number> {
  await using store = await house.store();
  // A quiet chain: what is sealed after the cut would stand behind the hole.
  const seq = await settledHead(store).then((head) => head - 3);
  const guards = ['kora.event', 'kora.event_body', 'kora.event_0', 'kora.event_body_0'];
  for (const table of guards) await store.rows(`alter table ${table} disable trigger append_only`);
  await damage(store, seq);
  for (const table of guards) await store.rows(`alter table ${table} enable trigger append_only`);
  return seq;
}

async function settledHead(store: StoreConnection): Promise<number> {
  let before = -1;
  return until('the chain to be at rest', async () => {
    const [head] = await store.rows<{ seq: number }>('select seq::int from kora.chain_head');
    const rested = head?.seq === before;
    before = head?.seq ?? -1;
    return rested ? before : undefined;
  });
}

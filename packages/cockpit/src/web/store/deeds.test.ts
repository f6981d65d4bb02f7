import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DeedAnswer } from '../api/deed.ts';
import { confirmWithinMs, deedDone, Deeds, doneShownMs } from './deeds.ts';
import { emptyModel, type Model } from './model.ts';

const answer = z.object({});
const wish = { title: 'Retry ticket #41', path: '/api/tickets/41/retry', body: {}, answer };

function stage(answered: DeedAnswer<object>) {
  let model: Model = emptyModel(0);
  const listeners = new Set<() => void>();
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const deeds = new Deeds({
    model: () => model,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    after: (ms, run) => void timers.push({ ms, run }),
    send: () => Promise.resolve(answered as never),
  });
  return {
    deeds,
    confirm(deed: string, seq: number): void {
      const event = { ...blank, seq, type: deedDone, payload: { deed } };
      model = { ...model, events: [event, ...model.events] };
      for (const listener of listeners) listener();
    },
    pass: () => {
      for (const { ms, run } of timers.splice(0)) {
        expect([confirmWithinMs, doneShownMs]).toContain(ms);
        run();
      }
    },
  };
}

const blank = {
  seq: 0,
  eventId: 'e',
  type: '',
  schemaVersion: 1,
  actorId: 'operator',
  runtimeId: 'r',
  sessionId: null,
  correlationId: null,
  causationId: null,
  ticketId: null,
  fence: null,
  occurredAt: '2026-11-22T12:00:00Z',
  hash: '',
  payload: {},
};

describe('a deed', () => {
  it('is done when its own event arrives, and not before', async () => {
    const { deeds, confirm, pass } = stage({ ok: true, data: {}, deed: 'd1' });
    await deeds.send(wish);
    expect(deeds.get()).toMatchObject([{ phase: 'accepted', seq: null }]);
    confirm('another', 6);
    expect(deeds.get()).toMatchObject([{ phase: 'accepted' }]);
    confirm('d1', 7);
    expect(deeds.get()).toMatchObject([{ phase: 'done', seq: 7 }]);
    pass();
    expect(deeds.get()).toEqual([]);
  });

  it('reads "no confirmation yet" after a while, and is done by a late event', async () => {
    const { deeds, confirm, pass } = stage({ ok: true, data: {}, deed: 'd1' });
    await deeds.send(wish);
    pass();
    expect(deeds.get()).toMatchObject([{ phase: 'unconfirmed' }]);
    confirm('d1', 9);
    expect(deeds.get()).toMatchObject([{ phase: 'done', seq: 9 }]);
  });

  it('keeps the runtime’s reason for a refusal', async () => {
    const fault = { status: 409, code: 'KORA_PROPOSAL_CHANGED', message: 'changed', hint: null };
    const { deeds, pass } = stage({ ok: false, fault, details: {} });
    await deeds.send(wish);
    pass();
    expect(deeds.get()).toMatchObject([{ phase: 'refused', fault }]);
  });
});

import type { ChainEvent } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { chainEvent, wake } from '../../fixtures/scene.ts';
import { standstillOf, waitsMessage } from './standstill.ts';

const moved = (seq: number, to: string, cause: string, trigger = ''): ChainEvent =>
  chainEvent(seq, 'kora.operational_state.transitioned', '10:00:00', {
    to_primary_state: to,
    cause,
    trigger,
  });
const rung = (seq: number, to: string): ChainEvent =>
  chainEvent(seq, 'kora.spend.rung_changed', '10:00:00', { to });

/** A log that holds these, newest last. */
const log = (...events: ChainEvent[]) => ({
  read: ({ type, limit = 100 }: { readonly type?: string; readonly limit?: number }) =>
    Promise.resolve(
      events
        .filter((event) => event.type === type)
        .toReversed()
        .slice(0, limit),
    ),
});

const paused = moved(2, 'paused', 'hold.added', 'operator hold');

describe('what keeps tickets waiting', () => {
  it.each([
    ['nothing on record', [], null],
    ['it works', [moved(1, 'active', 'claim.acquired')], null],
    ['a hold', [moved(1, 'ready', 'boot.passed'), paused], 'operational_state_paused'],
    ['a stop of level 1', [moved(1, 'paused', 'stop.issued', 'STOP-KORA L1')], 'operational_state_paused'],
    ['a stop of level 2', [moved(1, 'paused', 'stop.issued', 'STOP-KORA L2')], 'operational_state_stopped'],
    ['a stop of level 3', [moved(1, 'paused', 'stop.issued', 'STOP-KORA L3')], 'operational_state_stopped'],
    ['money that ended', [rung(1, 'hard_stop_100'), moved(2, 'paused', 'cost.limit')], 'cost_ladder_halted'],
    [
      'money that ended before a restart',
      [rung(1, 'hard_stop_100'), moved(2, 'stopped', 'stop.kill'), moved(3, 'paused', 'boot.passed')],
      'cost_ladder_halted',
    ],
    [
      'a pause in a new month',
      [rung(1, 'hard_stop_100'), rung(2, 'normal'), paused],
      'operational_state_paused',
    ],
    [
      'a pause, and a runtime that came and went',
      [paused, moved(3, 'stopped', 'stop.kill')],
      'operational_state_paused',
    ],
    ['a pause that is over', [paused, moved(3, 'ready', 'hold.cleared')], null],
  ] as const)('%s', async (_, events, code) => {
    expect(await standstillOf(log(...events))).toBe(code);
  });

  it('is said in the thread, with its code and the way on', () => {
    const { key, thread, body } = waitsMessage(wake(), 'cost_ladder_halted');
    expect([key, thread]).toEqual([`investigation:${wake().wakeId}:waits`, 'incident:7']);
    expect(body.split('\n')).toEqual([
      'I was unable to investigate — engine returned: cost_ladder_halted',
      'The ticket waits since 10:02:40 UTC and is worked when Kora goes on, if it still fails then.',
      'Next step: see what was spent: kora cost.',
    ]);
  });
});

import { KoraError } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { answer, noAnswer, receipt, ticketWork } from '../diagnose/testing/answers.ts';
import { body, completed, house, nobody, work } from './testing/house.ts';

describe('when nobody answers', () => {
  it.each([
    ['there is no engine', () => nobody, 'unconfigured'],
    ['the engine went away', () => noAnswer({ error: 'engine_unavailable' }), 'engine_unavailable'],
    [
      'the engine raises',
      () => noAnswer({ error: 'engine_unavailable', why: 'engine oracle threw TypeError' }),
      'engine_exception:TypeError',
    ],
    ['asking raises', () => Promise.reject(new RangeError('odd')), 'engine_exception:RangeError'],
    ['the engine is in error', () => noAnswer({ error: 'server_error' }), 'server_error'],
    ['the engine says nothing', () => answer({ text: '' }), 'empty_response_text'],
    [
      'the money is spent (daemon defect W21)',
      () => noAnswer({ status: 'refused', error: 'cost_ladder_halted' }),
      'cost_ladder_halted',
    ],
    [
      'Kora is paused (daemon defect W21)',
      () => noAnswer({ status: 'refused', error: 'operational_state_paused' }),
      'operational_state_paused',
    ],
    [
      'Kora is stopped',
      () => noAnswer({ status: 'refused', error: 'operational_state_stopped' }),
      'operational_state_stopped',
    ],
    ['it takes too long', () => noAnswer({ error: 'timeout' }), 'timeout'],
  ] as const)('because %s, the reply says so with its code and the facts', async (_, ask, code) => {
    const result = await work({ ask });
    expect(result.resolution).toBe('completed');
    const lines = body(result).split('\n');
    expect(lines[0]).toBe(`I was unable to investigate — engine returned: ${code}`);
    expect(lines[2]).toContain('connection refused');
    expect(lines.at(-1)).toMatch(/^Next step: see whether the process behind/);
    expect(completed(result)).toMatchObject({ outcome: 'open', rung: 'none', code, cause: null });
  });

  it('pays nothing twice when nobody knows whether it was asked', async () => {
    const { asked, work: investigate } = house({ ask: () => answer() });
    const result = await investigate({
      operation: () => Promise.reject(new KoraError('KORA_OPERATION_UNKNOWN', 'it was begun')),
    });
    expect(body(result)).toMatch(/^I was unable .* engine_exception:OutcomeUnknown\n/);
    expect(asked).toEqual([]);
  });

  it('asks once over all attempts, and answers from the ledger', async () => {
    const { asked, work: investigate } = house({ ask: () => answer() });
    const { operation } = ticketWork();
    const first = await investigate({ operation });
    const second = await investigate({ operation, attempt: 2, fence: 2 });
    expect(asked).toHaveLength(1);
    expect(second.messages).toEqual(first.messages);
  });

  it('bills what was spent before it broke off', async () => {
    const result = await work({
      ask: () => noAnswer({ error: 'transport', receipt: receipt({ costMicroUsd: 700 }) }),
    });
    expect(result).toMatchObject({ costMicroUsd: 700, tokens: 1_000 });
    expect(completed(result)).toMatchObject({ code: 'transport', cost_micro_usd: 700 });
  });

  it('gives the ticket back while the store is away', async () => {
    const ask = () => Promise.reject(new KoraError('KORA_STORE_UNREACHABLE', 'away'));
    await expect(work({ ask })).rejects.toThrow('away');
  });

  it('does without thinking where that is switched off', async () => {
    const { asked, work: investigate } = house({ config: { investigation: { model: false } } });
    expect(body(await investigate())).toMatch(/^GET http/);
    expect(asked).toEqual([]);
  });
});

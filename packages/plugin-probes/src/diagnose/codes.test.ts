import { KoraError, reasonErrors } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { codeOfAnswer, codeOfThrow, unableWords } from './codes.ts';
import { answer, noAnswer } from './testing/answers.ts';

describe('why nobody could investigate', () => {
  it('is nothing where there is an answer', () => {
    expect(codeOfAnswer(answer())).toBeNull();
  });

  it.each(reasonErrors.filter((error) => error !== 'projection_failed'))(
    'is the very code of the engine: %s (daemon defect W30)',
    (error) => {
      expect(codeOfAnswer(noAnswer({ error }))).toBe(error);
    },
  );

  it.each([
    ['an answer of blanks', answer({ text: ' \n' }), 'empty_response_text'],
    ['an engine that ended with no words', noAnswer({ error: 'projection_failed' }), 'empty_response_text'],
    [
      'words that cannot be read',
      noAnswer({ error: 'projection_failed', text: '{"half":' }),
      'projection_failed',
    ],
    [
      'an answer that was cut off, which is never a whole one',
      answer({ status: 'incomplete', error: 'timeout' }),
      'timeout',
    ],
    ['a refusal without a code', noAnswer({ status: 'refused' }), 'engine_unavailable'],
    [
      'an engine that threw',
      noAnswer({ error: 'engine_unavailable', why: 'engine oracle threw RangeError' }),
      'engine_exception:RangeError',
    ],
    [
      'an engine that went away',
      noAnswer({ error: 'engine_unavailable', why: 'engine oracle went away' }),
      'engine_unavailable',
    ],
  ] as const)('%s', (_, given, code) => {
    expect(codeOfAnswer(given)).toBe(code);
  });

  it.each([
    [new TypeError('x is not a function'), 'engine_exception:TypeError'],
    [new KoraError('KORA_REQUEST_INVALID', 'no'), 'engine_exception:KORA_REQUEST_INVALID'],
    [new KoraError('KORA_OPERATION_UNKNOWN', 'begun'), 'engine_exception:OutcomeUnknown'],
    ['a text', 'engine_exception:string'],
    [new KoraError('KORA_STORE_UNREACHABLE', 'away'), null],
    [new KoraError('KORA_TICKET_STALE_FENCE', 'not ours'), null],
  ])('a throw of %s', (error, code) => {
    expect(codeOfThrow(error)).toBe(code);
  });

  it('is told in one sentence', () => {
    expect(unableWords('cost_ladder_halted')).toBe(
      'I was unable to investigate — engine returned: cost_ladder_halted',
    );
  });
});

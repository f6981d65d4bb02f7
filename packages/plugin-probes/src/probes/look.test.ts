import { describe, expect, it } from 'vitest';
import { look } from './look.ts';
import type { LookClock } from './look.ts';

/** A clock whose one timer is passed or cancelled by hand, and which says how it ended. */
function handClock(): LookClock & { readonly ended: Promise<boolean>; elapse(): void } {
  const ended = Promise.withResolvers<boolean>();
  return {
    now: () => 0,
    sleep: (_ms, signal) => {
      signal?.addEventListener('abort', () => ended.resolve(false));
      return ended.promise;
    },
    elapse: () => ended.resolve(true),
    ended: ended.promise,
  };
}

const never = new AbortController().signal;

describe('a look', () => {
  it('answers, and takes its timer back', async () => {
    const clock = handClock();
    const looked = await look({ timeoutMs: 10, clock, signal: never }, () => Promise.resolve(42));
    expect(looked).toEqual({ kind: 'answered', answer: 42 });
    expect(await clock.ended).toBe(false);
  });

  it('hands on what went wrong', async () => {
    const error = new Error('broken');
    const looked = await look({ timeoutMs: 10, clock: handClock(), signal: never }, () =>
      Promise.reject(error),
    );
    expect(looked).toEqual({ kind: 'failed', error });
  });

  it('gets away from a call that takes no signal, and says what it waited for', async () => {
    const clock = handClock();
    const looking = look({ timeoutMs: 10, clock, signal: never }, (current) => {
      current.waitingFor = 'a dead mount';
      return new Promise<never>(() => {});
    });
    clock.elapse();
    expect(await looking).toEqual({ kind: 'timeout', waitingFor: 'a dead mount' });
  });

  it('rejects with the reason of the runtime, whatever the call says', async () => {
    const stop = new AbortController();
    const looking = look({ timeoutMs: 10, clock: handClock(), signal: stop.signal }, (current) => {
      const late = new Promise<never>((_resolve, reject) =>
        current.signal.addEventListener('abort', () => reject(new Error('socket gone'))),
      );
      stop.abort(new Error('shutting down'));
      return late;
    });
    await expect(looking).rejects.toThrow('shutting down');
  });
});

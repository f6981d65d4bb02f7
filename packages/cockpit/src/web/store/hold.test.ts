import { describe, expect, it } from 'vitest';
import { createHoldStore } from './hold.ts';
import { createStore } from './store.ts';

const fault = { status: 401, code: 'KORA_AUTH_MISSING', message: 'No session.', hint: null };

function stage() {
  let flush = (): void => undefined;
  const live = createStore({ now: () => 0, everyMs: () => 0, after: (_, run) => void (flush = run) });
  const store = createHoldStore(live);
  let told = 0;
  const forget = store.subscribe(() => (told += 1));
  const happen = (): void => {
    live.apply({ kind: 'signed_out', fault });
    flush();
  };
  return { store, happen, forget, told: () => told };
}

describe('a held page', () => {
  it('stands still, and jumps to what is true when it goes on', () => {
    const { store, happen, told } = stage();
    store.hold();
    happen();
    expect([store.get().signedOut, told()]).toEqual([null, 0]);
    store.release();
    expect([store.get().signedOut, told()]).toEqual([fault, 1]);
  });

  it('follows the store while it is not held, and nobody once it is left', () => {
    const { store, happen, forget, told } = stage();
    happen();
    expect([store.get().signedOut, told()]).toEqual([fault, 1]);
    forget();
    happen();
    expect(told()).toBe(1);
  });
});

import { useSyncExternalStore } from 'react';
import { pair, pairingCode, type PairRefusal } from '../api/session.ts';
import { follow } from '../store/follow.ts';
import type { Store } from '../store/store.ts';

/** Where signing in stands. `bare`: the pair page was opened without a code. */
export type SignIn =
  | { readonly kind: 'open' }
  | { readonly kind: 'bare' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'refused'; readonly refusal: PairRefusal };

export const pairPath = '/pair';

let signIn: SignIn = { kind: 'open' };
let typed: (code: string) => Promise<void> = () => Promise.resolve();
const listeners = new Set<() => void>();

/** How signing in stands, for the page. */
export function useSignIn(): SignIn {
  return useSyncExternalStore(
    subscribe,
    () => signIn,
    () => signIn,
  );
}

/** Tries a code that was typed by hand. */
export function tryTyped(code: string): Promise<void> {
  return typed(code);
}

/**
 * Opens the page's session: on `/pair` the code of the address is tried once, anywhere else the cookie speaks. Runs
 * outside of React, since a component may be mounted twice and a code dies by its first use.
 */
export function openSession(store: Store): void {
  // One tab that signs in wakes those that wait.
  const others = new BroadcastChannel('kora.session');
  let stop = (): void => undefined;

  const begin = (): void => {
    stop();
    show({ kind: 'open' });
    if (location.pathname === pairPath) history.replaceState(null, '', '/');
    store.apply({ kind: 'signed_in', now: Date.now() });
    stop = follow(store, { now: () => Date.now(), after: (ms, run) => void setTimeout(run, ms) });
  };
  const tryThis = async (code: string): Promise<void> => {
    show({ kind: 'asking' });
    const refusal = await pair(code);
    if (refusal !== null) {
      show({ kind: 'refused', refusal });
      return;
    }
    begin();
    others.postMessage('signed_in');
  };
  typed = tryThis;
  const tryCode = async (): Promise<void> => {
    const code = pairingCode(location.hash);
    // The code must not stay in the address, the history or a screenshot.
    if (location.hash !== '') history.replaceState(null, '', pairPath);
    if (code === null) {
      if (signIn.kind === 'open') show({ kind: 'bare' });
      return;
    }
    await tryThis(code);
  };
  const waits = (): boolean => signIn.kind !== 'open' || store.latest().signedOut !== null;

  others.addEventListener('message', () => {
    if (waits()) begin();
  });
  addEventListener('hashchange', () => {
    if (location.pathname === pairPath) void tryCode();
  });
  if (location.pathname === pairPath) void tryCode();
  else begin();
}

function show(next: SignIn): void {
  signIn = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

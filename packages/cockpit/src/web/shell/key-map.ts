import { useSyncExternalStore } from 'react';
import { type KeyMap, type KeyName, usualKeys } from './keys.ts';

const place = 'kora.keymap';
const names = Object.keys(usualKeys) as readonly KeyName[];
const listeners = new Set<() => void>();
let map: KeyMap = mapOf(stored());

/** The keys as this browser has them. */
export function useKeyMap(): KeyMap {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => map,
    () => map,
  );
}

/** Puts a command on another key; what has that key already is said instead. */
export function setKey(name: KeyName, key: string): string | null {
  const problem = keyProblem(map, name, key);
  if (problem === null) keep({ ...map, [name]: key });
  return problem;
}

/** The usual keys again. */
export function resetKeys(): void {
  keep(usualKeys);
}

/** Why a key cannot be that of a command; null when it can. */
export function keyProblem(current: KeyMap, name: KeyName, key: string): string | null {
  if (key.length !== 1 || key.trim() === '') return 'One character.';
  if (key === 'g') return 'g begins the keys of the pages.';
  const taken = names.find((other) => other !== name && current[other].toLowerCase() === key.toLowerCase());
  return taken === undefined ? null : `${key} is taken.`;
}

/** What was kept, where it still fits: a key that is no key, or stands twice, is the usual one again. */
export function mapOf(text: string | null): KeyMap {
  let kept: Partial<Record<KeyName, unknown>> = {};
  try {
    kept = JSON.parse(text ?? '{}') as typeof kept;
  } catch {
    return usualKeys;
  }
  let next: KeyMap = usualKeys;
  for (const name of names) {
    const key = kept?.[name];
    if (typeof key === 'string' && keyProblem(next, name, key) === null) next = { ...next, [name]: key };
  }
  return next;
}

function keep(next: KeyMap): void {
  map = next;
  try {
    globalThis.localStorage.setItem(place, JSON.stringify(next));
  } catch {
    // A browser that stores nothing keeps them until the page closes.
  }
  for (const listener of listeners) listener();
}

function stored(): string | null {
  try {
    return globalThis.localStorage.getItem(place);
  } catch {
    return null;
  }
}

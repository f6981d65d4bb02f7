import { useSyncExternalStore } from 'react';

/** What a person chose for this browser. Never anything secret. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  /** Single-key shortcuts; some assistive tools type letters that nobody meant. */
  readonly keys: 'on' | 'off';
}

const allowed: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  theme: ['system', 'light', 'dark'],
  keys: ['on', 'off'],
};

const listeners = new Set<() => void>();
let settings: Settings = { theme: stored('theme'), keys: stored('keys') };

/** The settings and the way to change one. */
export function useSettings(): Settings {
  return useSyncExternalStore(
    subscribe,
    () => settings,
    () => settings,
  );
}

/** Changes and keeps a setting. */
export function setSetting<K extends keyof Settings>(name: K, value: Settings[K]): void {
  settings = { ...settings, [name]: value };
  try {
    globalThis.localStorage.setItem(`kora.${name}`, value);
  } catch {
    // A browser that stores nothing keeps it until the page closes.
  }
  showTheme();
  for (const listener of listeners) listener();
}

/** Tells the style sheet the theme; called once before the first picture. */
export function showTheme(): void {
  if (settings.theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = settings.theme;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored<K extends keyof Settings>(name: K): Settings[K] {
  let value: string | null = null;
  try {
    value = globalThis.localStorage.getItem(`kora.${name}`);
  } catch {
    // As above: no storage, first value.
  }
  const first = allowed[name][0] as Settings[K];
  return allowed[name].find((candidate) => candidate === value) ?? first;
}

import { useSyncExternalStore } from 'react';
import { setZone } from '../kit/format.ts';

/** What a person chose for this browser. Never anything secret. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  /** Single-key shortcuts; some assistive tools type letters that nobody meant. */
  readonly keys: 'on' | 'off';
  /** The zone in which times are shown. */
  readonly zone: 'local' | 'utc';
  /** `narrow`: icons alone. */
  readonly rail: 'wide' | 'narrow';
  /** Rows of 40 or of 28 pixels. */
  readonly density: 'comfortable' | 'compact';
  /** A note of the browser when something newly needs the operator and nobody looks. */
  readonly notify: 'off' | 'on';
}

const allowed: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  theme: ['system', 'light', 'dark'],
  keys: ['on', 'off'],
  zone: ['local', 'utc'],
  rail: ['wide', 'narrow'],
  density: ['comfortable', 'compact'],
  notify: ['off', 'on'],
};

const listeners = new Set<() => void>();
let settings: Settings = {
  theme: stored('theme'),
  keys: stored('keys'),
  zone: stored('zone'),
  rail: stored('rail'),
  density: stored('density'),
  notify: stored('notify'),
};

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
  showSettings();
  for (const listener of listeners) listener();
}

/** The next of the values that a setting has. */
export function nextSetting(name: keyof Settings): void {
  const values: readonly Settings[keyof Settings][] = allowed[name];
  setSetting(name, values[(values.indexOf(settings[name]) + 1) % values.length] ?? settings[name]);
}

/** Tells the style sheet the theme and the density, and the clocks their zone; called once before the first picture. */
export function showSettings(): void {
  const { dataset } = document.documentElement;
  if (settings.theme === 'system') delete dataset['theme'];
  else dataset['theme'] = settings.theme;
  dataset['density'] = settings.density;
  dataset['rail'] = settings.rail;
  setZone(settings.zone);
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

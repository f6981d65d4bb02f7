import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of this command, from its own package.json: one step up from `src` as from `dist`. */
export function ownVersion(): string {
  return versionIn(ownFolder());
}

/** The oldest Node this command promises to run on. */
export function oldestNode(): string {
  const engines = fieldOf(manifestIn(ownFolder()), 'engines');
  const range = fieldOf(engines, 'node');
  return /^>=([\d.]+)/.exec(typeof range === 'string' ? range : '')?.[1] ?? '0';
}

/** The version of the package in that folder; `unknown` when it has none. */
export function versionIn(folder: string): string {
  const version = fieldOf(manifestIn(folder), 'version');
  return typeof version === 'string' ? version : 'unknown';
}

function ownFolder(): string {
  return fileURLToPath(new URL('..', import.meta.url));
}

function manifestIn(folder: string): unknown {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

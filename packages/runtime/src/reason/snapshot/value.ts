import { snapshotVersion } from './contract.ts';
import type { Snapshot } from './contract.ts';

/** Older than this, or from the future, a snapshot says nothing about now. */
export const freshForMs = 600_000;

/** What is not known is written so, and never said as an answer. */
export const unknown = 'unknown';

export function isFresh(at: unknown, nowMs: number): boolean {
  if (typeof at !== 'string') return false;
  const age = nowMs - Date.parse(at);
  return age >= 0 && age <= freshForMs;
}

/**
 * A value of the snapshot in words for people: dollars to the cent, times in UTC. Undefined for what is not there, not
 * known, no single value, or not fresh, be it the whole or its section.
 */
export function readValue(snapshot: Snapshot, steps: readonly string[], nowMs: number): string | undefined {
  if (snapshot.schema_version !== snapshotVersion || !isFresh(snapshot.computed_at, nowMs)) return undefined;
  const [section, ...rest] = steps;
  if (section === undefined) return undefined;
  let value: unknown = fieldOf(snapshot, section);
  if (rest.length > 0 && !isFresh(fieldOf(value, 'as_of'), nowMs)) return undefined;
  for (const step of rest) value = fieldOf(value, step);
  return said(value, steps.at(-1) ?? '');
}

/** A field by its name; by its name without case where only one is called so. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (Object.hasOwn(value, name)) return Reflect.get(value, name);
  const called = Object.keys(value).filter((key) => key.toLowerCase() === name.toLowerCase());
  const [only] = called;
  return called.length === 1 && only !== undefined ? Reflect.get(value, only) : undefined;
}

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;
const cent = 0.01;

function said(value: unknown, name: string): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return Number.isFinite(value) ? figure(value, name) : undefined;
  if (typeof value !== 'string' || value.trim() === '' || value.toLowerCase() === unknown) return undefined;
  return iso.test(value) ? `${value.slice(0, 10)} ${value.slice(11, 19)} UTC` : value;
}

function figure(value: number, name: string): string {
  if (name.endsWith('_usd')) return dollars(value);
  return Number.isInteger(value) ? String(value) : String(Math.round(value * 10) / 10);
}

/** To the cent; what is less keeps its digits, so that nothing spent reads as nothing. */
export function dollars(usd: number): string {
  const isFine = usd !== 0 && Math.abs(usd) < cent;
  return isFine ? usd.toFixed(6).replace(/0+$/, '') : usd.toFixed(2);
}

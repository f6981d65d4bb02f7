import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

const loads: (() => Promise<unknown>)[] = [];

/** A part of the page whose code comes when it is first looked at, or when the browser has nothing better to do. */
export function later<Props>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  loads.push(load);
  return lazy(async () => ({ default: await load() }));
}

/** Fetches what is left: a page must also open when the runtime that would serve its code has just gone. */
export async function fetchLater(): Promise<void> {
  for (const load of loads) await load().catch(() => undefined);
}

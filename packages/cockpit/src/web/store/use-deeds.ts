import { type Context, createContext, useContext, useSyncExternalStore } from 'react';
import type { Scope } from '@kora/runtime/client';
import { type DeedRow, Deeds } from './deeds.ts';
import { emptyModel } from './model.ts';
import { useList } from './use.ts';

/** The tab's deeds; without the shell around, those of a page that knows nothing. */
export const DeedsContext: Context<Deeds> = createContext<Deeds>(
  new Deeds({ model: () => emptyModel(0), subscribe: () => () => undefined, after: () => undefined }),
);

/** What is needed to ask for something. */
export function useDeeds(): Deeds {
  return useContext(DeedsContext);
}

/** The receipts, newest first. */
export function useReceipts(): readonly DeedRow[] {
  const deeds = useDeeds();
  return useSyncExternalStore(deeds.subscribe, deeds.get, deeds.get);
}

/** Whether this session may do what needs a scope. Unknown is no: a control that might be refused is not offered. */
export function useScope(scope: Scope): boolean {
  return useList('caller')?.scopes.includes(scope) ?? false;
}

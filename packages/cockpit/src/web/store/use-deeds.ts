import { type Context, createContext, useContext, useSyncExternalStore } from 'react';
import type { Scope } from '@kora/runtime/client';
import type { DeedRow, Deeds } from './deeds.ts';
import { useList } from './use.ts';

/** The tab's deeds. Null outside of the shell: nothing can be done there. */
export const DeedsContext: Context<Deeds | null> = createContext<Deeds | null>(null);

/** What is needed to ask for something. Throws outside of the shell. */
export function useDeeds(): Deeds {
  const deeds = useContext(DeedsContext);
  if (deeds === null) throw new Error('There are no deeds outside of the shell.');
  return deeds;
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

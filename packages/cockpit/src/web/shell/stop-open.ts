import { type Context, createContext, useContext } from 'react';
import type { StopLevel } from './stop-rules.ts';

/** Opens the stop dialog, at a level when one is meant. It only opens: nothing is done by it. */
export type OpenStop = (level?: StopLevel) => void;

export const StopContext: Context<OpenStop> = createContext<OpenStop>(() => undefined);

/** The way to the stop dialog. */
export function useStop(): OpenStop {
  return useContext(StopContext);
}

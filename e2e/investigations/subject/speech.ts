import type { Claim, Quoted } from '@kora/runtime/plugin';
import type { Run } from '../score.ts';

/** What is started with: which rules, with a model behind them or without, and folders of worlds by their cases. */
export interface Orders {
  readonly rung: string;
  readonly thinks: boolean;
  readonly worlds: readonly { readonly id: string; readonly folder: string }[];
}

/** Asks whoever thinks, outside. */
export interface AskedOutside {
  readonly kind: 'ask';
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly quoted: readonly Quoted[];
}

/** What a scripted model says. */
export interface Said {
  readonly text: string;
  readonly claims: readonly Claim[];
  readonly confidence: number;
}

export interface Answered extends Said {
  readonly number: number;
}

/** A case's run by rules alone, and by rules and then a model; the same where no model was asked. */
export interface Ran {
  readonly kind: 'ran';
  readonly alone: Run;
  readonly together: Run;
}

export interface Broke {
  readonly kind: 'broke';
  readonly id: string;
  readonly error: string;
}

export type Told = AskedOutside | Ran | Broke;

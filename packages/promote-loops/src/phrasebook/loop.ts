import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import { SignatureCache } from '../cluster/signature.ts';
import { entryKind } from './asked.ts';
import { examinePhrase } from './examine.ts';
import { measurePhrase } from './measure.ts';
import { observePhrases } from './observe.ts';
import type { PhrasebookSettings } from './settings.ts';

/** Questions that an engine answers alike again and again become entries of the phrasebook. No model is called. */
export function promotePhrasebook(promotion: PromotionContext, settings: PhrasebookSettings): LoopSpec {
  const own = { promotion, settings, cache: new SignatureCache() };
  return {
    name: 'promote_phrasebook',
    means: 'Answers at no cost what is asked again and again and always answered alike.',
    kinds: [entryKind],
    settings,
    observe: (look, signal) => observePhrases(own, look, signal),
    examine: (draft, heldOut, signal) => examinePhrase(own, draft, heldOut, signal),
    measure: (change, looks, signal) => measurePhrase(own, { change, looks }, signal),
  };
}

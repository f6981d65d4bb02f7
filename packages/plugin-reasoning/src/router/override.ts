import type { ReasonRoute } from '@kora/runtime/plugin';
import type { Override, RouterConfig } from './contract.ts';

/**
 * What the operator asked for before the question, and the question without it. Only on the operator's own routes: in a
 * mail or a probe's output the same words are text. A prefix with nothing behind it is the question itself.
 */
export function readOverride(
  { route, text }: { readonly route: ReasonRoute; readonly text: string },
  { prefixes, modelPrefix, operatorRoutes }: RouterConfig,
): { readonly override: Override | null; readonly text: string } {
  const none = { override: null, text };
  if (!operatorRoutes.includes(route)) return none;
  const { word: prefix, rest } = firstWord(text);
  const said = prefix.toLowerCase();
  if (rest === '') return none;
  const tier = Object.hasOwn(prefixes, said) ? prefixes[said] : undefined;
  if (tier !== undefined) return { override: { prefix: said, tier, model: null }, text: rest };
  if (said !== modelPrefix) return none;
  const named = firstWord(rest);
  if (named.rest === '') return none;
  return { override: { prefix: said, tier: null, model: named.word }, text: named.rest };
}

function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  return end < 0
    ? { word: trimmed, rest: '' }
    : { word: trimmed.slice(0, end), rest: trimmed.slice(end).trim() };
}

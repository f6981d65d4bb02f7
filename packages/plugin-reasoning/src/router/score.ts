import type { EngineRequest } from '@kora/runtime/plugin';
import type { RouterConfig, Signal } from './contract.ts';
import { saysOneOf } from './phrases.ts';

/** What of a request a score is made of. */
export type Scored = Pick<EngineRequest, 'route' | 'text' | 'quoted' | 'tools' | 'verdict' | 'critical'>;

/**
 * What a question earns. Each signal counts once, and that tools may be used is one small signal of several: a loop of
 * tool calls does not make a question harder than it was asked.
 */
export function scoreOf(
  request: Scored,
  config: RouterConfig,
): { readonly score: number; readonly signals: readonly Signal[] } {
  const weights = { ...config.weights, route: config.routes[request.route] ?? 0 };
  const found = Object.entries(heard(request, config))
    .filter(([, isHeard]) => isHeard)
    .map(([signal]) => signal as Signal)
    .filter((signal) => weights[signal] > 0);
  return { score: found.reduce((sum, signal) => sum + weights[signal], 0), signals: found };
}

function heard(
  { text, quoted, tools, verdict, critical }: Scored,
  config: RouterConfig,
): Readonly<Record<Signal, boolean>> {
  const quotedCharacters = quoted.reduce((sum, each) => sum + each.text.length, 0);
  return {
    decision_language: saysOneOf(text, config.decisionPhrases),
    critical,
    verdict,
    long_question: text.length >= config.longQuestion,
    long_quoted: quotedCharacters >= config.longQuoted,
    acting_tools: tools.some(({ sideEffects }) => sideEffects !== 'none'),
    route: true,
  };
}

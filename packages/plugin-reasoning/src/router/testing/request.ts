import type { EngineRequest, ModelSpec, ModelTier, ToolView } from '@kora/runtime/plugin';

/** A model of a tier, named after it. */
export function model(tier: ModelTier, name: string = tier): ModelSpec {
  return { name, provider: 'acme', tier, contextTokens: 100_000, maxOutputTokens: 4_000, price: null };
}

export const threeModels: readonly ModelSpec[] = [model('standard'), model('small'), model('large')];

export function tool(name: string, sideEffects: ToolView['sideEffects']): ToolView {
  return { name, description: name, inputSchema: {}, parallel: false, sideEffects };
}

/** A plain question at the terminal, with money. */
export function request(given: Partial<EngineRequest> = {}): EngineRequest {
  return {
    runId: 'run-1',
    route: 'cli',
    text: 'Which tickets are open?',
    turns: [],
    quoted: [],
    tools: [],
    identity: {
      name: 'kora',
      pluginName: 'kora',
      soulMd: '# Kora',
      systemPrompt: 'You are Kora.',
      metadata: { agentName: 'Kora', agentVersion: '1', pluginName: 'kora' },
      hash: 'a'.repeat(64),
    },
    snapshot: null,
    primaryState: 'ready',
    rung: 'normal',
    highestTier: 'large',
    ticket: null,
    verdict: false,
    critical: false,
    limits: { iterations: 5, deadlineMs: 120_000, costMicroUsd: null },
    ...given,
  };
}

import type { ChangePlace } from '../../packages/runtime/src/promotion/index.ts';

const tools = Array.from({ length: 30 }, (_, n) => `tool_${n}`);
const routes = ['cli', 'slack_dm', 'email_inbound', 'ticket'];
const router = { standardFrom: 3, largeFrom: 6, unsureBelow: 0.6, weight: 0 };
const routing = { weights: { decision_words: 3 }, prefixes: { '/small': 'small' } };

/** What can be changed, as the owners of the kinds would say it of the seeded past. */
export function scriptedPlaces(kind: string): readonly ChangePlace[] {
  if (kind === 'snapshot.field')
    return tools.map((tool) => {
      const facts = { tool, sideEffects: 'none', untrusted: false, backedBy: null };
      return { key: `learned.${tool}`, value: null, facts };
    });
  if (kind === 'tools.trimmed') {
    // Some are offered and never called.
    const offered = [...tools, 'tool_30', 'tool_31'].map((name) => ({
      name,
      floor: false,
      characters: 900,
    }));
    return routes.map((key) => ({ key, value: { without: [] }, facts: { tools: offered } }));
  }
  if (kind === 'router.parameters')
    return ['default', ...routes].map((key) => ({ key, value: router, facts: routing }));
  if (kind === 'fix.envelope')
    return Array.from({ length: 40 }, (_, n) => ({
      key: `probe_${n}/restart`,
      value: { mode: 'approve', perTargetPerHour: 2 },
      facts: { capability: 'unit.restart', risk: 'low' },
    }));
  return [];
}

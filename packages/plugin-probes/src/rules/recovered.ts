import type { Fact, Scene } from './rule.ts';
import { ownState } from './rule.ts';
import { clockTime, span } from './words.ts';

/** Whether it got well while the ticket waited for its turn. */
export function recovered(scene: Scene): Fact | null {
  const { incident, now } = scene;
  if (incident?.status === 'resolved' && incident.resolvedAt !== null) {
    const lasted = Date.parse(incident.resolvedAt) - Date.parse(incident.failingSince);
    return {
      rule: 'recovered',
      line: `It has recovered meanwhile: resolved at ${clockTime(incident.resolvedAt, now)}, after ${span(lasted)}.`,
      evidence: { resolvedAt: incident.resolvedAt, lastedMs: lasted },
    };
  }
  const state = ownState(scene);
  if (state?.status !== 'healthy' || state.checkedAt === null) return null;
  return {
    rule: 'recovered',
    line: `The latest look, at ${clockTime(state.checkedAt, now)}, was good; the incident is not resolved yet.`,
    evidence: { checkedAt: state.checkedAt },
  };
}

import type { Fact, Scene } from './rule.ts';
import { counted, oneLine } from './words.ts';

/** What was asked and what came back, in the probe's own sentence. */
export function whatFailed(scene: Scene): Fact {
  const { order, wake, incident } = scene;
  const said = wake?.detail ?? incident?.detail ?? '';
  const sentence =
    said.trim() === ''
      ? `${order.probe} (${oneLine(order.target, 120)}) fails; how was not recorded`
      : oneLine(said);
  const looks = incident === null ? '' : `; ${counted(incident.failures, 'failing look')} so far`;
  return {
    rule: 'what_failed',
    line: `${sentence.replace(/\.$/, '')} (${order.category}${looks}).`,
    evidence: {
      event: wake?.seq ?? null,
      category: order.category,
      failures: incident?.failures ?? null,
      details: wake?.details ?? {},
    },
  };
}

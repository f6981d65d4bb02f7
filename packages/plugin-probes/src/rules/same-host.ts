import type { ProbeState } from '@kora/runtime/plugin';
import { hostOf } from './host.ts';
import type { Fact, Scene } from './rule.ts';
import { isFailing, ownState } from './rule.ts';
import { counted, listed, oneLine } from './words.ts';

/** Other probes of one host that fail too: then the host comes before its services. */
export function sameHost(scene: Scene): Fact | null {
  const host = ownHost(scene);
  if (host === null) return null;
  const others = othersOn(scene, host);
  const failing = others.filter((state) => isFailing(state.status));
  if (failing.length === 0) return null;
  const all = failing.length === others.length;
  const together = all
    ? `All ${counted(others.length + 1, 'probe')} of that host fail together, which points to the host and not to one service`
    : `${failing.length + 1} of its ${others.length + 1} probes fail, which may have one cause`;
  return {
    rule: 'same_host',
    line: `Also failing on ${host}: ${listed(failing.map(named), 3)}. ${together}.`,
    evidence: { host, failing: failing.map((state) => state.name), probes: others.length + 1, all },
  };
}

/** The host of the probe that the investigation is about; null when it cannot be told. */
export function ownHost(scene: Scene): string | null {
  const kind = ownState(scene)?.kind ?? scene.wake?.kind ?? 'unknown';
  return hostOf({ kind, target: scene.order.target });
}

/** A probe and what it says is wrong. */
export function named(state: ProbeState): string {
  return `${state.name} (${oneLine(state.error ?? state.status ?? 'unknown', 100)})`;
}

function othersOn(scene: Scene, host: string): readonly ProbeState[] {
  return scene.states.filter((state) => state.name !== scene.order.probe && hostOf(state) === host);
}

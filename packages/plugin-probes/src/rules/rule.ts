import type { ChainEvent, Incident, ProbeResult, ProbeState, ProbeStatus } from '@kora/runtime/plugin';
import type { InvestigationOrder, Wake } from '../wake.ts';

/** Everything the rules may look at, read once for one investigation. Absent is null: what is unknown is said so. */
export interface Scene {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly order: InvestigationOrder;
  readonly wake: Wake | null;
  readonly incident: Incident | null;
  /** ISO 8601, of the first failing look. */
  readonly failingSince: string | null;
  readonly lastGoodAt: string | null;
  /** Every probe as it stands now. */
  readonly states: readonly ProbeState[];
  /** Incidents of all probes, newest first; `incidentsComplete` when there are no older ones. */
  readonly incidents: readonly Incident[];
  readonly incidentsComplete: boolean;
  /** Looks of this probe, newest first. */
  readonly looks: readonly ProbeResult[];
  readonly changes: Changes;
}

/** What else Kora did before the failure; null when it is not known when that began. */
export interface Changes {
  readonly events: readonly ChainEvent[];
  /** Milliseconds since 1970: how far back the reading reached, and how far it was meant to. */
  readonly readFrom: number;
  readonly wantedFrom: number;
}

/** One finding: a plain line for people, and what it rests on. */
export interface Fact {
  readonly rule: string;
  readonly line: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** A rule looks at the scene and finds one fact or none. It measures nothing itself. */
export type Rule = (scene: Scene) => Fact | null;

export function isFailing(status: ProbeStatus | null): boolean {
  return status === 'degraded' || status === 'unhealthy' || status === 'unreachable';
}

/** The state of the probe that the investigation is about. */
export function ownState(scene: Scene): ProbeState | null {
  return scene.states.find((state) => state.name === scene.order.probe) ?? null;
}

/** The looks made before the failure began, newest first; all of them when that is unknown. */
export function looksBefore(scene: Scene): readonly ProbeResult[] {
  if (scene.failingSince === null) return scene.looks;
  const began = Date.parse(scene.failingSince);
  return scene.looks.filter((look) => Date.parse(look.at) < began);
}

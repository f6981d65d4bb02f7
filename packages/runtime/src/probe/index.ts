export { foldOf } from './contract.ts';
export type {
  Incident,
  IncidentEntry,
  ProbeResult,
  ProbeSnapshot,
  ProbeSpec,
  ProbeState,
  ProbeStatus,
} from './contract.ts';
export {
  incidentAcknowledged,
  incidentNoted,
  incidentSilenced,
  probeEvents,
  windowAdded,
  windowEnded,
} from './events.ts';
export { readDays } from './history/days.ts';
export { readStrips } from './history/strips.ts';
export type { ProbeStrip } from './history/strips.ts';
export { pruneHistory, readHistory } from './history/looks.ts';
export { readTurns } from './history/turns.ts';
export { availability, pruneSpans, readSpans, sumUpLooks } from './history/spans.ts';
export { ancestorsOf, cycleFrom } from './incident/dependency.ts';
export { findIncident, incidentsByNumber, listIncidents, openIncidentGroups } from './incident/listing.ts';
export type { IncidentGroup } from './incident/listing.ts';
export type { IncidentRecord } from './incident/record.ts';
export { acknowledgeIncident, noteIncident, silenceIncident } from './incident/said.ts';
export { addEntry, keepTold, readTimeline } from './incident/timeline.ts';
export { effectOfTurns, reopenWindowMs, turnsAfter } from './look/flap.ts';
export type { Turns } from './look/flap.ts';
export { fold } from './look/fold.ts';
export type { ProbeMemory } from './look/fold.ts';
export { Probes } from './probes.ts';
export type { ProbesOptions } from './probes.ts';
export { addWindow, endWindow, listWindows, pruneWindows } from './window/windows.ts';

export type { Incident, ProbeResult, ProbeSnapshot, ProbeSpec, ProbeState, ProbeStatus } from './contract.ts';
export { incidentAcknowledged, probeEvents } from './events.ts';
export { fold } from './fold.ts';
export type { ProbeMemory } from './fold.ts';
export { acknowledgeIncident, findIncident, listIncidents, openIncidentGroups } from './incidents.ts';
export type { IncidentGroup, IncidentRecord } from './incidents.ts';
export { Probes } from './probes.ts';
export type { ProbesOptions } from './probes.ts';
export { pruneHistory, readHistory } from './states.ts';

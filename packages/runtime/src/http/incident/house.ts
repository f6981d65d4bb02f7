import type * as shape from '../shapes.ts';

export interface IncidentWord {
  readonly reason: string;
  readonly forMs?: number | undefined;
}

/** The API's questions about one incident. Each throws KORA_INCIDENT_UNKNOWN. */
export interface IncidentHouse {
  incident(incidentId: number): Promise<shape.IncidentRow>;
  /** All that happened to it and was said of it, in order. */
  incidentTimeline(incidentId: number): Promise<shape.IncidentEntryRow[]>;
  /** With looks, wakes, reasoning, messages and fixes, newest first. */
  incidentStory(incidentId: number): Promise<shape.IncidentStoryRow[]>;
  /** Known; with `forMs` quiet as well. */
  acknowledgeIncident(incidentId: number, word: IncidentWord): Promise<shape.IncidentRow>;
  /** Throws KORA_INCIDENT_RESOLVED when it is over. */
  silenceIncident(
    incidentId: number,
    word: IncidentWord & { readonly forMs: number },
  ): Promise<shape.IncidentRow>;
  noteIncident(incidentId: number, note: string): Promise<shape.IncidentEntryRow[]>;
}

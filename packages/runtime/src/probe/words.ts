import type { NewMessage, ProbeState, Severity } from './contract.ts';
import type { IncidentRecord } from './incidents.ts';

const emoji: Readonly<Record<Severity, string>> = { critical: '🚨', warning: '⚠️', info: 'ℹ️' };

/** What the first message may say beside the incident: all of it read, none of it guessed. */
export interface Surroundings {
  /** Other probes that fail now. */
  readonly alsoFailing: readonly Pick<ProbeState, 'name' | 'status' | 'error'>[];
  /** One line for each change of the last 15 minutes, newest first. */
  readonly changes: readonly string[];
}

/** The message that goes out in the transaction that opens the incident: made by rule, before anyone investigates. */
export function openingMessage(incident: IncidentRecord, around: Surroundings): NewMessage {
  const lines = [
    `${incident.probe} (${incident.severity}): ${incident.detail}`,
    '',
    `Target: ${incident.target}`,
    `Failing since ${incident.failingSince} (${incident.failures} looks in a row)`,
    incident.lastGoodAt === null
      ? 'Last good look: none since Kora watches it'
      : `Last good look: ${incident.lastGoodAt}`,
    around.alsoFailing.length === 0
      ? 'Nothing else fails.'
      : `Also failing: ${around.alsoFailing.map(({ name, status }) => `${name} (${status})`).join(', ')}`,
    ...(around.changes.length === 0
      ? ['No change on record in the 15 minutes before.']
      : ['Changes in the 15 minutes before:', ...around.changes.map((line) => `- ${line}`)]),
  ];
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:open`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Probe alert · ${incident.probe}`,
    body: lines.join('\n'),
  };
}

export function reopeningMessage(incident: IncidentRecord, times: number): NewMessage {
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:reopen:${times}`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Failing again · ${incident.probe}`,
    body: `${incident.probe} (${incident.severity}): ${incident.detail}\n\nIt had recovered less than 10 minutes before; this is time ${times + 1} of the same incident.`,
  };
}

export function recoveryMessage(incident: IncidentRecord, times: number, durationMs: number): NewMessage {
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:resolve:${times}`,
    severity: 'info',
    title: `✅ Recovered · ${incident.probe}`,
    body: `${incident.probe} is healthy again after ${describeDuration(durationMs)}; ${incident.failures} looks failed.`,
  };
}

/** `2 min 5 s`; at least `1 s`. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function envelope(incident: IncidentRecord): Pick<NewMessage, 'thread' | 'source' | 'correlationId'> {
  return {
    thread: `incident:${incident.incidentId}`,
    source: 'probe_investigation',
    correlationId: incident.wakeId,
  };
}

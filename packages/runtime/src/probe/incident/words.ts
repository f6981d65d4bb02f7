import type { NewMessage, ProbeState, ProbeStatus, Severity } from '../contract.ts';
import type { IncidentRecord } from './record.ts';

const emoji: Readonly<Record<Severity, string>> = { critical: '🚨', warning: '⚠️', info: 'ℹ️' };

/** What the first message may say beside the incident: all of it read, none of it guessed. */
export interface Surroundings {
  /** Other probes that fail now. */
  readonly alsoFailing: readonly Pick<ProbeState, 'name' | 'status' | 'error'>[];
  /** One line for each change of the last 15 minutes, newest first. */
  readonly changes: readonly string[];
  /** What other runtimes see at the same probe, when it is each one's own. */
  readonly elsewhere?: readonly { readonly runtimeId: string; readonly status: ProbeStatus }[];
  /** Probes that fail with it because they need it. */
  readonly consequences?: readonly string[];
  /** The probe that explained it until now. */
  readonly explainedBy?: string;
}

/** The message that goes out in the transaction that opens the incident: made by rule, before anyone investigates. */
export function openingMessage(incident: IncidentRecord, around: Surroundings): NewMessage {
  const lines = [
    `${incident.probe} (${incident.severity}): ${incident.detail}`,
    '',
    `Target: ${incident.target}`,
    incident.flappingSince === null
      ? failingWords(incident, around)
      : `Back and forth since ${incident.failingSince}: ${flappingWords}`,
    incident.lastGoodAt === null
      ? 'Last good look: none since Kora watches it'
      : `Last good look: ${incident.lastGoodAt}`,
    ...elseFailing(around),
    ...listed('Consequences', around.consequences),
    ...(around.explainedBy === undefined
      ? []
      : [`It failed together with ${around.explainedBy}, which no longer explains it.`]),
    ...listed(
      'Seen from other runtimes',
      around.elsewhere?.map(({ runtimeId, status }) => `${runtimeId.slice(-12)} ${status}`),
    ),
    ...(around.changes.length === 0
      ? ['No change on record in the 15 minutes before.']
      : ['Changes in the 15 minutes before:', ...around.changes.map((line) => `- ${line}`)]),
  ];
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:open`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Probe alert · ${calledOf(incident)}`,
    body: lines.join('\n'),
  };
}

export function reopeningMessage(incident: IncidentRecord, times: number): NewMessage {
  // Where it was found to go back and forth while it was over, this is the notice of it.
  const flaps =
    incident.flappingSince === null
      ? ''
      : `\nBack and forth since ${incident.flappingSince}: ${flappingWords}`;
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:reopen:${times}`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Failing again · ${calledOf(incident)}`,
    body: `${incident.probe} (${incident.severity}): ${incident.detail}\n\nIt had recovered less than 10 minutes before; this is time ${times + 1} of the same incident.${flaps}`,
  };
}

/** What began as a warning is grave now. Whether it flaps or was acknowledged, that is news. */
export function worseMessage(incident: IncidentRecord): NewMessage {
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:worse:${incident.failures}`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Worse · ${calledOf(incident)}`,
    body: `${incident.probe} (${incident.severity}): ${incident.detail}\n\nIt was less grave when it opened at ${incident.openedAt}; it is the same incident.`,
  };
}

/** One notice that it goes back and forth; until it is quiet there is no other. */
export function flappingMessage(incident: IncidentRecord): NewMessage {
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:flapping:${incident.failures}`,
    severity: incident.severity,
    title: `${emoji[incident.severity]} Flapping · ${calledOf(incident)}`,
    body: `${incident.probe} goes back and forth: ${flappingWords} Last: ${incident.detail}`,
  };
}

/** How an incident ended, read and none of it guessed. */
export interface Ending {
  readonly durationMs: number;
  /** Good looks in a row that ended it. */
  readonly goodLooks: number;
  readonly investigation: string | null;
  readonly fix: string | null;
  readonly consequences: readonly { readonly probe: string; readonly status: 'open' | 'resolved' }[];
}

export function recoveryMessage(incident: IncidentRecord, times: number, ending: Ending): NewMessage {
  const lines = [
    `${incident.probe} is healthy again after ${describeDuration(ending.durationMs)}; ${incident.failures} looks failed${backWords(incident)}.`,
    ending.fix === null
      ? `Ended by: ${goodWords(ending)}; no fix is on record.`
      : `Ended by: ${goodWords(ending)}, after the fix: ${firstLine(ending.fix)}`,
    ...(ending.investigation === null || noAnswer.test(ending.investigation)
      ? []
      : [`Found: ${firstLine(ending.investigation)}`]),
    ...listed(
      'Consequences',
      ending.consequences.map(
        ({ probe, status }) => `${probe} (${status === 'open' ? 'still fails' : 'well'})`,
      ),
    ),
  ];
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:resolve:${times}`,
    severity: 'info',
    title: `✅ Recovered · ${calledOf(incident)}`,
    body: lines.join('\n'),
  };
}

export function unwatchedMessage(
  incident: IncidentRecord,
  endedBy: 'probe removed' | 'probe unconfigured',
): NewMessage {
  const { probe } = incident;
  const what =
    endedBy === 'probe removed'
      ? `${probe} was removed while it failed`
      : `what ${probe} needs to look is not there any more, since before it was well`;
  return {
    ...envelope(incident),
    key: `incident:${incident.incidentId}:unwatched:${incident.failures}`,
    severity: 'info',
    title: `Closed · ${calledOf(incident)}`,
    body: `${what}: nobody looks at it any more, so nobody knows whether it is well.`,
  };
}

/** Whether a message in an incident's thread is one of those that are made here. */
export function isOwnKey(key: string): boolean {
  return /^incident:\d+:(open|reopen|worse|flapping|resolve|unwatched)(:|$)/.test(key);
}

/** `2 min 5 s`; at least `1 s`. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What its look called it, or else its probe. */
function calledOf({ title, probe }: IncidentRecord): string {
  return title === '' || title.startsWith(`${probe} `) ? probe : title;
}

/** How an investigation begins that had no answer: it has its place in the thread, and found nothing. */
const noAnswer = /^\s*I was unable to investigate\b/;

/** Looks are counted over the whole incident: in a row they are only when it opens. */
function failingWords(incident: IncidentRecord, { explainedBy }: Surroundings): string {
  const since = `since ${incident.failingSince}`;
  if (incident.reopened > 0) return `Failing on and off ${since} (${incident.failures} looks)`;
  if (incident.failures === 1) return `Failing ${since} (1 look)`;
  const looks = explainedBy === undefined ? 'looks in a row' : 'failed looks';
  return `Failing ${since} (${incident.failures} ${looks})`;
}

function goodWords({ goodLooks }: Ending): string {
  return goodLooks === 1 ? 'a good look' : `${goodLooks} good looks in a row`;
}

function backWords({ reopened }: IncidentRecord): string {
  if (reopened === 0) return '';
  return reopened === 1 ? ', and it came back once' : `, and it came back ${reopened} times`;
}

function elseFailing({ alsoFailing, consequences = [] }: Surroundings): readonly string[] {
  if (alsoFailing.length === 0) return consequences.length === 0 ? ['Nothing else fails.'] : [];
  return [`Also failing: ${alsoFailing.map(({ name, status }) => `${name} (${status})`).join(', ')}`];
}

const flappingWords =
  'six turns or more within 10 minutes. It stays one incident until it has been quiet for as long.';

function listed(what: string, names: readonly string[] | undefined): readonly string[] {
  return names === undefined || names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function envelope(incident: IncidentRecord): Pick<NewMessage, 'thread' | 'source' | 'correlationId'> {
  return {
    thread: `incident:${incident.incidentId}`,
    source: 'probe_investigation',
    correlationId: incident.wakeId,
  };
}

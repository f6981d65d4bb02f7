import type { Queryable } from '../../store/index.ts';
import type { IncidentEntry, IncidentEntryKind, NewMessage } from '../contract.ts';
import { isOwnKey } from './words.ts';

const longestText = 2_000;
const mostEntries = 500;

export interface NewIncidentEntry {
  readonly incidentId: number;
  readonly kind: IncidentEntryKind;
  readonly text: string;
  readonly by?: string | undefined;
  readonly eventId?: string | undefined;
}

/** Writes one line of an incident's timeline, in the transaction of what it tells. False when there is no such incident. */
export async function addEntry(
  db: Queryable,
  workspaceId: number,
  entry: NewIncidentEntry,
): Promise<boolean> {
  const rows = await db.query<{ number: number }>(
    `insert into kora.incident_entry (workspace_id, incident_id, kind, text, said_by, event_id)
     select workspace_id, incident_id, $3, $4, $5, $6::uuid from kora.incident
     where workspace_id = $1 and incident_id = $2 returning number`,
    [
      workspaceId,
      entry.incidentId,
      entry.kind,
      entry.text.slice(0, longestText),
      entry.by ?? null,
      entry.eventId ?? null,
    ],
  );
  return rows.length > 0;
}

/**
 * Writes that it fails in another way now, unless that was the last thing that was said of it, and said within this minute:
 * what fails now so and now so would write at every look for as long as it fails.
 */
export async function addUpdate(
  db: Queryable,
  workspaceId: number,
  { incidentId, text }: { readonly incidentId: number; readonly text: string },
): Promise<void> {
  await db.query(
    `insert into kora.incident_entry (workspace_id, incident_id, kind, text)
     select $1::int, $2::bigint, 'updated', $3::text where not exists (
       select from (select kind, at from kora.incident_entry where workspace_id = $1 and incident_id = $2
         order by number desc limit 1) last
       where last.kind = 'updated' and last.at > (select clock_timestamp() - interval '1 minute'))`,
    [workspaceId, incidentId, text.slice(0, longestText)],
  );
}

/** All that happened to an incident and was said of it, in order; of very many lines the newest. */
export async function readTimeline(
  db: Queryable,
  workspaceId: number,
  incidentId: number,
): Promise<IncidentEntry[]> {
  const rows = await db.query<Omit<IncidentEntry, 'at'> & { at: Date }>(
    `select at, kind, text, said_by as by, event_id as "eventId" from kora.incident_entry
     where workspace_id = $1 and incident_id = $2 order by number desc limit ${mostEntries}`,
    [workspaceId, incidentId],
  );
  return rows.toReversed().map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** What was last found out about an incident, and what was last done about it. */
export async function lastFindings(
  db: Queryable,
  workspaceId: number,
  incidentId: number,
): Promise<{ readonly investigation: string | null; readonly fix: string | null }> {
  const rows = await db.query<{ kind: IncidentEntryKind; text: string }>(
    `select distinct on (kind) kind, text from kora.incident_entry
     where workspace_id = $1 and incident_id = $2 and kind in ('investigation', 'fix') order by kind, number desc`,
    [workspaceId, incidentId],
  );
  const text = (kind: IncidentEntryKind): string | null =>
    rows.find((row) => row.kind === kind)?.text ?? null;
  return { investigation: text('investigation'), fix: text('fix') };
}

const kindOfSource: Readonly<Record<string, IncidentEntryKind>> = {
  probe_investigation: 'investigation',
  probe_fix: 'fix',
  // Nothing was done: whatever ends the incident did not come of it.
  probe_fix_refused: 'note',
};

/** What others told in the thread of an incident is a line of its timeline: what an investigation found, what a fix did. */
export async function keepTold(db: Queryable, workspaceId: number, message: NewMessage): Promise<void> {
  const incidentId = /^incident:([1-9]\d{0,14})$/.exec(message.thread)?.[1];
  const kind = kindOfSource[message.source];
  if (incidentId === undefined || kind === undefined || isOwnKey(message.key)) return;
  await addEntry(db, workspaceId, {
    incidentId: Number(incidentId),
    kind,
    text: message.body === '' ? message.title : message.body,
    ...(kind === 'note' ? { by: 'kora' } : {}),
    eventId: message.causationId,
  });
}

import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { columns, unknownIncident, view } from './record.ts';
import type { IncidentRecord, Row } from './record.ts';
import { addEntry } from './timeline.ts';

/** Nothing is kept quiet longer than this. */
const longestSilenceMs = 30 * 86_400_000;

/** What an operator says of an incident. */
interface Word {
  readonly incidentId: number;
  readonly by: string;
  readonly reason: string;
}

/**
 * Says that it is known, and with `forMs` that nothing but its end is to be told for so long. Throws
 * KORA_INCIDENT_UNKNOWN, KORA_INCIDENT_RESOLVED for a silence about what is over. A second acknowledgement keeps the
 * first one's time.
 */
export async function acknowledgeIncident(
  db: Queryable,
  workspaceId: number,
  ack: Word & { readonly forMs?: number | undefined },
): Promise<IncidentRecord> {
  const [row] = await db.query<Row>(
    `update kora.incident set acknowledged_at = coalesce(acknowledged_at, clock_timestamp()),
       acknowledged_by = coalesce(acknowledged_by, $3), acknowledge_reason = coalesce(acknowledge_reason, $4)
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, ack.incidentId, ack.by, ack.reason],
  );
  if (row === undefined) throw unknownIncident(ack.incidentId);
  await addEntry(db, workspaceId, { ...ack, kind: 'acknowledged', text: ack.reason });
  const { forMs } = ack;
  return forMs === undefined ? view(row) : silenceIncident(db, workspaceId, { ...ack, forMs });
}

/**
 * Known, and quiet for so long, thirty days at most: the latest word counts, and it ends with the incident. Throws
 * KORA_INCIDENT_UNKNOWN, KORA_INCIDENT_RESOLVED.
 */
export async function silenceIncident(
  db: Queryable,
  workspaceId: number,
  silence: Word & { readonly forMs: number },
): Promise<IncidentRecord> {
  const forMs = Math.min(silence.forMs, longestSilenceMs);
  const [row] = await db.query<Row>(
    `update kora.incident set silenced_until = clock_timestamp() + make_interval(secs => $3), silenced_by = $4,
       silence_reason = $5
     where workspace_id = $1 and incident_id = $2 and resolved_at is null returning ${columns}`,
    [workspaceId, silence.incidentId, forMs / 1_000, silence.by, silence.reason],
  );
  if (row === undefined) throw await notOpen(db, workspaceId, silence.incidentId);
  const record = view(row);
  const text = `quiet until ${record.silencedUntil ?? 'unknown'}: ${silence.reason}`;
  await addEntry(db, workspaceId, { ...silence, kind: 'silenced', text });
  return record;
}

/** Writes a line of an operator into the timeline. Throws KORA_INCIDENT_UNKNOWN. */
export async function noteIncident(db: Queryable, workspaceId: number, note: Word): Promise<void> {
  const written = await addEntry(db, workspaceId, { ...note, kind: 'note', text: note.reason });
  if (!written) throw unknownIncident(note.incidentId);
}

async function notOpen(db: Queryable, workspaceId: number, incidentId: number): Promise<Error> {
  const [row] = await db.query<{ probe: string }>(
    'select probe from kora.incident where workspace_id = $1 and incident_id = $2',
    [workspaceId, incidentId],
  );
  if (row === undefined) return unknownIncident(incidentId);
  return fault(
    'KORA_INCIDENT_RESOLVED',
    `incident ${incidentId} of ${row.probe} is over: there is nothing to silence`,
    {
      fix: 'kora incident list --status open',
    },
  );
}

import { draft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
import { incidentResolved } from '../events.ts';
import { consequencesOf } from './consequences.ts';
import { linksOf } from './drafts.ts';
import { resolveIncident } from './incidents.ts';
import type { IncidentKeeperOptions } from './ports.ts';
import type { IncidentRecord } from './record.ts';
import { addEntry, lastFindings } from './timeline.ts';
import { recoveryMessage, unwatchedMessage } from './words.ts';

/** Why nobody can say any more whether it is well. */
export type Unwatched = 'probe removed' | 'probe unconfigured';

type Ports = Pick<IncidentKeeperOptions, 'workspaceId' | 'clock' | 'stage' | 'tell'>;

/** The probe was good often enough in a row: what was told of is told to be over, with all that came of it. */
export async function endRecovered(
  tx: Transaction,
  ports: Ports,
  end: { readonly incidentId: number; readonly goodLooks: number; readonly causationId?: string },
): Promise<void> {
  const { workspaceId, tell } = ports;
  const { incidentId, goodLooks } = end;
  const record = await resolveIncident(tx, workspaceId, { incidentId, endedBy: 'recovered' });
  const { eventId, durationMs } = await over(tx, ports, record, end);
  // A consequence that was never told has no thread to end.
  if (record.toldAt === null) return;
  const consequences = await consequencesOf(tx, workspaceId, incidentId);
  const found = await lastFindings(tx, workspaceId, incidentId);
  // Failures only grow, so they tell the resolutions of one incident apart.
  const message = recoveryMessage(record, record.failures, { durationMs, goodLooks, consequences, ...found });
  await tell(tx, { ...message, causationId: eventId });
}

/** Nobody looks at it any more. */
export async function endUnwatched(
  tx: Transaction,
  ports: Ports,
  end: { readonly incidentId: number; readonly endedBy: Unwatched },
): Promise<void> {
  const { workspaceId, tell } = ports;
  const record = await resolveIncident(tx, workspaceId, end);
  const { eventId } = await over(tx, ports, record, {});
  if (record.toldAt !== null)
    await tell(tx, { ...unwatchedMessage(record, end.endedBy), causationId: eventId });
}

const endings = ['probe removed', 'probe unconfigured'] as const satisfies readonly Unwatched[];

async function over(
  tx: Transaction,
  { stage, clock, workspaceId }: Ports,
  record: IncidentRecord,
  cause: { readonly causationId?: string },
): Promise<{ readonly eventId: string; readonly durationMs: number }> {
  const { incidentId } = record;
  const resolvedAt = record.resolvedAt ?? record.openedAt;
  const durationMs = Date.parse(resolvedAt) - Date.parse(record.failingSince);
  const endedBy = endings.find((each) => each === record.endedBy) ?? 'recovered';
  const payload = {
    incident_id: incidentId,
    wake_id: record.wakeId,
    probe: record.probe,
    target: record.target,
    category: record.category,
    failures: record.failures,
    opened_at: record.openedAt,
    resolved_at: resolvedAt,
    duration_ms: durationMs,
    ended_by: endedBy,
  } as const;
  const eventId = clock.uuid();
  await stage(tx, [{ ...draft(incidentResolved, payload, linksOf(record, cause)), eventId }]);
  await addEntry(tx, workspaceId, { incidentId, kind: 'resolved', text: endedBy, eventId });
  return { eventId, durationMs };
}

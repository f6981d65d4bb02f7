import { z } from 'zod';
import type { Queryable } from '../../store/index.ts';
import type { HistoryPage, PastAttempt, PastIncident } from '../contract.ts';
import type { HistoryWindow, PageQuery } from '../ports.ts';
import { inPart } from './held-out.ts';
import { isoOf, pageOf, pageStart } from './page.ts';

const byNumber = { rest: z.tuple([z.number().int()]), first: [0] } as const;

/** Incidents, by when they opened. */
export async function pastIncidents(
  db: Queryable,
  workspaceId: number,
  window: HistoryWindow,
  page: PageQuery,
): Promise<HistoryPage<PastIncident>> {
  const { after, limit } = pageStart<readonly [number]>(window, page, byNumber);
  const rows = await db.query<PastIncident>(
    `select incident_id as "incidentId", probe, left(target, 300) as target, category,
       ${isoOf('opened_at')} as "openedAt", ${isoOf('resolved_at')} as "resolvedAt"
     from kora.incident
     where workspace_id = $1 and (opened_at, incident_id) > ($2::timestamptz, $3) and opened_at < $4::timestamptz
       and ${inPart(window.part, `'incident ' || incident_id`)}
     order by opened_at, incident_id limit $5`,
    [workspaceId, ...after, window.until, limit],
  );
  return pageOf(rows, limit, {
    past: (row) => row,
    place: ({ openedAt, incidentId }) => [openedAt, incidentId],
  });
}

/** Attempts at fixes, by when they were asked for. One at an incident is in the part of the past that the incident is in. */
export async function pastAttempts(
  db: Queryable,
  workspaceId: number,
  window: HistoryWindow,
  page: PageQuery,
): Promise<HistoryPage<PastAttempt>> {
  const { after, limit } = pageStart<readonly [number]>(window, page, byNumber);
  const rows = await db.query<PastAttempt>(
    `select attempt_id as "attemptId", incident_id as "incidentId", probe, fix, left(target, 300) as target, mode,
       asked_by as "askedBy", outcome, ${isoOf('asked_at')} as at, ${isoOf('ended_at')} as "endedAt"
     from kora.fix_attempt
     where workspace_id = $1 and (asked_at, attempt_id) > ($2::timestamptz, $3) and asked_at < $4::timestamptz
       and ${inPart(window.part, `coalesce('incident ' || incident_id, 'attempt ' || attempt_id)`)}
     order by asked_at, attempt_id limit $5`,
    [workspaceId, ...after, window.until, limit],
  );
  return pageOf(rows, limit, { past: (row) => row, place: ({ at, attemptId }) => [at, attemptId] });
}

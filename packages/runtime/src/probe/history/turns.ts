import type { Queryable } from '../../store/index.ts';
import type { ProbeLook } from './strips.ts';

/** Looks that one answer goes through; the newest of them. */
const lookedThrough = 5_000;
const errorCharacters = 500;

/** Looks at one probe that came back with another status than the one before them, newest first, between two times. */
export async function readTurns(
  db: Queryable,
  workspaceId: number,
  asked: { readonly probe: string; readonly from: string; readonly until: string; readonly limit: number },
): Promise<ProbeLook[]> {
  const rows = await db.query<Omit<ProbeLook, 'at'> & { at: Date }>(
    `select at, status, latency_ms as "latencyMs", left(error, ${errorCharacters}) as error from (
       select r.*, lag(r.status) over (order by r.at) as was from (
         select * from kora.probe_result where workspace_id = $1 and probe = $2 and at between $3 and $4
         order by at desc limit ${lookedThrough}) r) looked
     where was is distinct from status order by at desc limit $5`,
    [workspaceId, asked.probe, asked.from, asked.until, asked.limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

import type { Queryable } from '../../store/index.ts';
import type { ProbeStatus } from '../contract.ts';

export interface ProbeLook {
  readonly at: string;
  readonly status: ProbeStatus;
  readonly latencyMs: number | null;
  readonly error: string | null;
}

/** The last looks at one probe, oldest first; percentiles over them, null where none had a latency. */
export interface ProbeStrip {
  readonly probe: string;
  readonly looks: readonly ProbeLook[];
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** Of an error, in a strip. */
const errorCharacters = 500;

/** The last `looks` looks of each of these probes: of each its own, by its key. */
export async function readStrips(
  db: Queryable,
  workspaceId: number,
  { probes, looks }: { readonly probes: readonly string[]; readonly looks: number },
): Promise<ProbeStrip[]> {
  const rows = await db.query<Omit<ProbeLook, 'at'> & { probe: string; at: Date }>(
    `select p.probe, r.at, r.status, r.latency_ms as "latencyMs", left(r.error, ${errorCharacters}) as error
     from unnest($2::text[]) as p(probe) cross join lateral (
       select * from kora.probe_result r where r.workspace_id = $1 and r.probe = p.probe
       order by r.at desc limit $3) r
     order by p.probe, r.at`,
    [workspaceId, probes, looks],
  );
  const byProbe = new Map<string, ProbeLook[]>(probes.map((probe) => [probe, []]));
  for (const { probe, at, ...look } of rows) byProbe.get(probe)?.push({ ...look, at: at.toISOString() });
  return [...byProbe].map(([probe, ofProbe]) => {
    const latencies = ofProbe
      .flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))
      .toSorted((a, b) => a - b);
    return { probe, looks: ofProbe, p50Ms: percentile(latencies, 0.5), p95Ms: percentile(latencies, 0.95) };
  });
}

/** The smallest value that this share of them does not pass. */
export function percentile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null;
}

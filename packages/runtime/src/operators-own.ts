import type { Queryable } from './store/index.ts';
import { operatorActor } from './workspace/index.ts';

interface PlacedBy {
  /** Whose pause or stop it is. */
  readonly by: string;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** The tool by which a program outside asks for one. */
  readonly tool: 'kora__request_pause' | 'kora__request_stop';
}

/** Why the operator knows of a pause or a stop: it is their own, or they approved the very call. Null: nobody asked them. */
export async function operatorsOwn(
  db: Queryable,
  workspaceId: number,
  { by, since, tool }: PlacedBy,
): Promise<string | null> {
  if (by === operatorActor) return 'it is the operator’s own command';
  // An approval is used once, right before the deed.
  const [approved] = await db.query(
    `select from kora.approval where workspace_id = $1 and caller = $2 and what = $3 and status = 'used'
       and decided_by = $4 and used_at between $5::timestamptz - interval '30 seconds' and $5::timestamptz + interval '1 second'
     limit 1`,
    [workspaceId, by, `tool:${tool}`, operatorActor, since],
  );
  return approved === undefined ? null : `the operator approved it, as ${by} asked`;
}

/** SQL: that a ticket was tried as often as one epoch allows, for the statement that ends its last attempt. */
export function ceilingFragment(rows: {
  /** The CTE, and which of its rows are meant. */
  readonly from: string;
  readonly where: string;
  readonly workspace: string;
  readonly ticket: string;
  readonly fence: string;
  readonly epoch: string;
  readonly attempts: string;
}): string {
  const { from, where, workspace, ticket, fence, epoch, attempts } = rows;
  return `insert into kora.retry_ceiling (workspace_id, ticket_id, fence, epoch, attempts)
    select ${workspace}, ${ticket}, ${fence}, ${epoch}, ${attempts} from ${from} where ${where}`;
}

/** How the workspace stands with tickets that reached the ceiling in the store's present epoch. */
export type CeilingStanding = 'none' | 'reached' | 'reset';

/**
 * SQL: that standing. `reset` where a level 0 came after the last of them. An epoch counts when it was accepted; until then
 * everything is held anyway, and stops must be read whatever becomes of the store's own epochs.
 */
export const ceilingStanding = `(select case when max(c.at) is null then 'none'
    when max(c.at) > coalesce((select max(r.created_at) from kora.control r where r.workspace_id = $1 and r.level = 0),
      '-infinity') then 'reached' else 'reset' end
  from kora.retry_ceiling c
  where c.workspace_id = $1 and c.epoch >= coalesce((select max(a.epoch) from kora.epoch_acceptance a
    where a.workspace_id = $1), 0))`;

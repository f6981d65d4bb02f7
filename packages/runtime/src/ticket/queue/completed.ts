/** SQL for where a ticket is: whether it has one of the rows that only an open ticket has. */
export function openSql(workspace: string, ticket: string): string {
  return `(exists (select from kora.ticket_ready x where x.workspace_id = ${workspace} and x.ticket_id = ${ticket})
    or exists (select from kora.ticket_lease x where x.workspace_id = ${workspace} and x.ticket_id = ${ticket})
    or exists (select from kora.ticket_parked x where x.workspace_id = ${workspace} and x.ticket_id = ${ticket}))`;
}

/** SQL for how a ticket ended that is not open any more; null while it is open. */
export function endedAsSql(workspace: string, ticket: string): string {
  return `(select o.resolution from kora.ticket_outcome o where o.workspace_id = ${workspace} and o.ticket_id = ${ticket}
    and not ${openSql(workspace, ticket)} order by o.fence desc limit 1)`;
}

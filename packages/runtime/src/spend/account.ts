import type { Queryable } from '../store/index.ts';

/** Rows of a statement of another room, as SQL. */
interface ClaimRows {
  /** The CTE that holds one row for each claim. */
  readonly from: string;
  readonly workspace: string;
  /** Who does it, for the journal. */
  readonly actor: string;
  readonly ticket: string;
  readonly fence: string;
  /** Micro-dollars; null or none where the work costs nothing. */
  readonly budget: string;
}

/**
 * SQL: sets each claim's budget aside in an account of its own, in the given order; one row (ticket_id, reason) for each
 * that there is no money for. Where no row has a budget it touches nothing. For the statement that claims.
 */
export function openAccounts({
  order,
  critical,
  ...rows
}: ClaimRows & {
  /** Who comes first has first. */
  readonly order: string;
  /** Whether it draws on what is kept for critical work. */
  readonly critical: string;
}): string {
  const { from, workspace, actor, ticket, fence, budget } = rows;
  return `select refused.ticket_id, refused.reason from (
      select array_agg(${ticket} order by ${order}) as tickets, array_agg(${fence} order by ${order}) as fences,
        array_agg(${budget} order by ${order}) as budgets, array_agg(${critical} order by ${order}) as criticals
      from ${from} where ${budget} > 0) priced
    cross join lateral kora.open_spend_accounts(${workspace}, priced.tickets, priced.fences, priced.budgets, ${actor},
      priced.criticals) refused`;
}

/**
 * SQL: gives back what is left in the accounts of claims that end, in one row that must be read. Where no row has a budget
 * it touches nothing. For the statements that end claims.
 */
export function closeAccounts({ from, workspace, actor, ticket, fence, budget }: ClaimRows): string {
  const gathered = (each: string): string => `array_agg(${each}) filter (where ${budget} > 0)`;
  return `select kora.close_spend_accounts(${workspace}, ${gathered(ticket)}, ${gathered(fence)}, ${actor}) as given_back
    from ${from}`;
}

/** Gives back what is left in a ticket's account, whoever holds it; for whoever ends it in the holder's place. */
export async function closeAccountOf(
  db: Queryable,
  workspaceId: number,
  { ticketId, caller }: { readonly ticketId: number; readonly caller: string },
): Promise<void> {
  await db.query(
    `select kora.close_spend_accounts(workspace_id, array[ticket_id], array[fence], $3) from kora.spend_account
     where workspace_id = $1 and ticket_id = $2`,
    [workspaceId, ticketId, caller],
  );
}

/** SQL: whether the claim of a ticket, by its fence, has spent or may still spend. */
export function spendsFragment(claim: {
  readonly workspace: string;
  readonly ticket: string;
  readonly fence: string;
}): string {
  return `exists (select from kora.spend_entry
    where spend_entry.workspace_id = ${claim.workspace} and spend_entry.ticket_id = ${claim.ticket}
      and spend_entry.fence = ${claim.fence})`;
}

export interface OpenAccounts {
  readonly open: number;
  /** Set aside and in no call. */
  readonly remainingMicroUsd: number;
}

/** What claims that are held have set aside. */
export async function readAccounts(db: Queryable, workspaceId: number): Promise<OpenAccounts> {
  const [row] = await db.query<OpenAccounts>(
    `select count(*) as open, coalesce(sum(remaining), 0)::int8 as "remainingMicroUsd" from kora.spend_account
     where workspace_id = $1`,
    [workspaceId],
  );
  return row ?? { open: 0, remainingMicroUsd: 0 };
}

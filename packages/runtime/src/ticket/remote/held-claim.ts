import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { TicketProgress, TicketResult } from '../contract.ts';
import type { EndedClaim } from '../queue/ending.ts';
import type { NamedClaim } from './claim-token.ts';
import { workerSaid } from './events.ts';

/** A claim that is held now, as its rows say. */
export type HeldClaimRow = EndedClaim & NamedClaim;

/** What whoever lost its claim is told, whatever it tried to do. */
export function staleClaim(): Error {
  return fault('KORA_TICKET_STALE_FENCE', 'this claim is not held any more: what was sent changed nothing', {
    fix: 'drop the work and claim anew',
  });
}

const whose = 'l.workspace_id = $1 and l.ticket_id = $2 and l.fence = $3 and l.session_id = $4';

function keyOf(workspaceId: number, { ticketId, fence, sessionId }: NamedClaim): unknown[] {
  return [workspaceId, ticketId, fence, sessionId];
}

/** Says that the work goes on: the deadline is counted from now. Throws KORA_TICKET_STALE_FENCE. */
export async function tellProgress(
  db: Queryable,
  workspaceId: number,
  claim: NamedClaim,
  progress: TicketProgress,
): Promise<{ readonly deadline: string }> {
  const [row] = await db.query<{ deadline: Date }>(
    `update kora.ticket_lease l set progress_at = clock_timestamp(), progress = $5,
       started_at = coalesce(started_at, clock_timestamp()),
       deadline = clock_timestamp() + make_interval(secs => deadline_ms / 1000.0)
     where ${whose} returning deadline`,
    [...keyOf(workspaceId, claim), JSON.stringify(progress)],
    { name: 'remote_progress' },
  );
  if (row === undefined) throw staleClaim();
  return { deadline: row.deadline.toISOString() };
}

export interface WorkerEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Puts an event on the chain in the ticket's name. Throws KORA_TICKET_STALE_FENCE. */
export async function addWorkerEvent(
  tx: Transaction,
  context: {
    readonly workspaceId: number;
    readonly actorId: string;
    readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  },
  named: NamedClaim,
  { name, data }: WorkerEvent,
): Promise<void> {
  const { workspaceId, actorId, stage } = context;
  const claim = await readHeldClaim(tx, workspaceId, named);
  if (claim === undefined) throw staleClaim();
  const { ticketId, fence, correlationId, causationId } = claim;
  const payload = { ticket: ticketId, fence, worker: actorId, name, data: { ...data } };
  const links = {
    actorId,
    ticketId,
    fence,
    ...(correlationId === null ? {} : { correlationId }),
    ...(causationId === null ? {} : { causationId }),
  };
  await stage(tx, [draft(workerSaid, payload, links)]);
}

/** The claim with its ticket, its lease kept as it is until the transaction ends; undefined when it is not held. */
export async function readHeldClaim(
  tx: Transaction,
  workspaceId: number,
  claim: NamedClaim,
): Promise<HeldClaimRow | undefined> {
  const [row] = await tx.query<HeldClaimRow>(
    `select l.ticket_id as "ticketId", l.fence, l.session_id as "sessionId", l.kind, l.attempts, l.failures,
       t.correlation_id as "correlationId", t.causation_id as "causationId"
     from kora.ticket_lease l join kora.ticket t using (workspace_id, ticket_id)
     where ${whose} for update of l`,
    keyOf(workspaceId, claim),
  );
  return row;
}

/**
 * Whether a claim that has ended was ended in these words. A stop, the operator or a revoked token may have ended it
 * instead: then what its holder sends is stale.
 */
export async function wasEndedAs(
  db: Queryable,
  workspaceId: number,
  claim: NamedClaim,
  resolution: TicketResult['resolution'],
): Promise<boolean> {
  const [row] = await db.query<{ resolution: string }>(
    `select l.resolution from kora.ticket_outcome l where ${whose}`,
    keyOf(workspaceId, claim),
  );
  // The third failure of its own ends a ticket, and the tenth attempt parks it, whatever its holder called that.
  const may: readonly string[] =
    resolution === 'failed_retryable'
      ? [resolution, 'failed_terminal', 'blocked_needs_operator']
      : [resolution];
  return row !== undefined && may.includes(row.resolution);
}

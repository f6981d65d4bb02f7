import type { Admission } from '../../admission/index.ts';
import type { ChainOwner, EventDraft, StagedBody } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { Consequences, TicketResult } from '../contract.ts';
import { Ledger } from '../ledger/ledger.ts';
import { Notes } from '../ledger/notes.ts';
import { ProgressBook } from '../ledger/progress.ts';
import { claimTickets } from '../queue/claim.ts';
import type { Claim, ClaimWant } from '../queue/claim.ts';
import { freeDependents } from '../queue/dependencies.ts';
import { endingOf, givenBack } from '../queue/ending.ts';
import type { Ending, Return } from '../queue/ending.ts';
import { ClaimHints } from '../queue/hints.ts';
import { reapTickets } from '../queue/reap.ts';
import { resolveBatch, resolveTicket } from '../queue/resolve.ts';
import type { ResolveContext, Verdict } from '../queue/resolve.ts';
import { abandonLeases } from '../session/session.ts';
import type { Leases } from '../session/session.ts';
import type { Hold } from './hold.ts';

/** What the worker does to the store; everything else it does is decided in this process. */
export interface WorkerStore {
  readonly ledger: Ledger;
  readonly notes: Pick<Notes, 'add'>;
  readonly progress: Pick<ProgressBook, 'begun' | 'told' | 'ended' | 'run'>;
  claim(sessionId: string, wants: readonly ClaimWant[], total: number): Promise<Claim[]>;
  /** Throws for an answer that no row or event may carry. */
  ending(hold: Hold, result: TicketResult): Ending;
  back(hold: Hold, reason: string, given?: Return): Ending;
  resolve(sessionId: string, endings: readonly Ending[], lane: number): Promise<readonly Verdict[]>;
  /** The end and what follows from it, together or not at all. */
  resolveWith(hold: Hold, result: TicketResult): Promise<Verdict>;
  /** Gives back what nobody works any more, and frees what waits for nothing any more; answers how many came back. */
  reap(): Promise<number>;
  abandon(sessionId: string, leases: Leases): Promise<void>;
}

export interface WorkerStoreOptions {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly clock: Clock;
  readonly prepare: (event: EventDraft) => StagedBody;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  /** A statement of this room staged events. */
  readonly staged: () => void;
  /** Waits while events are made faster than they come onto the chain. */
  readonly keptPace?: () => Promise<void>;
  readonly admission: Pick<Admission, 'redeem'>;
  /** Attempts in one epoch of the store after which a ticket waits for the operator, default 10. */
  readonly retryCeiling?: number;
  /** Writes what follows from a result, in the transaction that resolves the ticket. */
  readonly apply: (tx: Transaction, consequences: Consequences, claim: Claim) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

const reapBatch = 500;

/** What the store's answers mean to the worker at once. */
export interface WorkerNews {
  /** Tickets that waited for others may be claimed now. */
  freed(): void;
  /** A claim found so many. */
  found(count: number): void;
}

export function workerStore(options: WorkerStoreOptions, news: WorkerNews): WorkerStore {
  const { database, owner, clock, admission, apply, staged } = options;
  const claims = database.lane();
  const resolves = [database.lane(), database.lane()];
  const hints = new ClaimHints(clock);
  const free = async (ticketIds?: number[]): Promise<void> => {
    if ((await freeDependents(database, owner, ticketIds)).length > 0) news.freed();
  };
  const frees = (ticketIds: readonly number[]): void => {
    // The sweep would find them too, later.
    free([...ticketIds]).catch((error: unknown) => options.onError('ticket dependencies', error));
  };
  const contextOf = (sessionId: string): ResolveContext => ({ ...resolveContext(options, sessionId), frees });
  return {
    ...holdersPorts(options),
    claim: async (sessionId, wants, total) => {
      await options.keptPace?.();
      const taken = await claimTickets(claims, owner, { sessionId, wants, total, hints, admission });
      news.found(taken.length);
      if (taken.length > 0) staged();
      return taken;
    },
    ending: ({ claim, sessionId }, result) => endingOf(contextOf(sessionId), claim, result),
    back: ({ claim, sessionId }, reason, given) => givenBack(contextOf(sessionId), claim, reason, given),
    resolve: (sessionId, endings, lane) =>
      resolveBatch(resolves[lane] ?? database, contextOf(sessionId), endings),
    resolveWith: async ({ claim, sessionId }, result) => {
      const context = contextOf(sessionId);
      const resolvedBy = context.uuid();
      return database.transaction(async (tx) => {
        const verdict = await resolveTicket(tx, { ...context, uuid: () => resolvedBy }, claim, result);
        if (verdict === 'ok') await apply(tx, result, { ...claim, causationId: resolvedBy });
        return verdict;
      });
    },
    reap: async () => {
      const reaped = await reapTickets(database, owner, reapBatch, options.retryCeiling);
      if (reaped.length > 0) staged();
      await free();
      return reaped.length;
    },
    abandon: (sessionId, leases) =>
      abandonLeases(database, { workspaceId: owner.workspaceId, sessionId }, leases),
  };
}

function holdersPorts({
  database,
  owner,
  clock,
  scrub,
  onError,
}: WorkerStoreOptions): Pick<WorkerStore, 'ledger' | 'notes' | 'progress'> {
  const options = { database, workspaceId: owner.workspaceId, clock, scrub, onError };
  return {
    ledger: new Ledger(options),
    notes: new Notes(options),
    progress: new ProgressBook(options),
  };
}

function resolveContext(
  { owner, prepare, staged, clock, retryCeiling }: WorkerStoreOptions,
  sessionId: string,
): ResolveContext {
  return {
    workspaceId: owner.workspaceId,
    runtimeId: owner.runtimeId,
    sessionId,
    prepare,
    staged,
    random: () => clock.random(),
    uuid: () => clock.uuid(),
    ...(retryCeiling === undefined ? {} : { retryCeiling }),
  };
}

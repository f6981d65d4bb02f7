import type { Chain, ChainOwner } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { TicketProgress, TicketResult } from '../contract.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Notes } from '../ledger/notes.ts';
import type { EndedClaim } from '../queue/ending.ts';
import { freeDependents } from '../queue/dependencies.ts';
import { releaseTicket, resolveTicket } from '../queue/resolve.ts';
import type { ResolveContext, Verdict } from '../queue/resolve.ts';
import { readClaimSecret } from './claim-secret.ts';
import { makeClaimToken, readClaimToken } from './claim-token.ts';
import type { NamedClaim } from './claim-token.ts';
import { addWorkerEvent, readHeldClaim, staleClaim, tellProgress, wasEndedAs } from './held-claim.ts';
import type { WorkerEvent } from './held-claim.ts';
import { claimForWorker } from './remote-claim.ts';
import type { RemoteClaimPorts, RemoteTake, RemoteWant } from './remote-claim.ts';
import { stepOperation } from './remote-operation.ts';
import type { OperationView, RemoteStep } from './remote-operation.ts';
import { endRemoteSessions, refreshClaims, remoteLeases } from './remote-session.ts';
import {
  checkWorkerToken,
  issueWorkerToken,
  liveWorker,
  listWorkerTokens,
  revokeWorkerToken,
} from './worker-token.ts';
import type { NewWorkerToken, WorkerCaller, WorkerTokenView } from './worker-token.ts';

export interface RemoteWorkersOptions extends RemoteClaimPorts {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly chain: Pick<Chain, 'stage' | 'prepare' | 'staged' | 'keptPace'>;
  readonly notes: Notes;
  readonly ledger: Ledger;
  /** A stop is in force that takes claims away. */
  readonly takesAway: () => boolean;
  /** Tickets became ready. */
  readonly kick: () => void;
  /** Attempts in one epoch of the store after which a ticket waits for the operator, default 10. */
  readonly retryCeiling?: number;
  /** Whose deed it is to make and to revoke tokens. */
  readonly operator: string;
}

/** A claim as it goes to its claimer, in this one answer. */
export interface TokenedClaim {
  readonly token: string;
  readonly claim: RemoteTake['claims'][number];
}

/**
 * Workers in other processes. Each shows a token of its own, claims within its kinds in a session of its own, and proves
 * by the claim token that what it writes is about a claim it was given. The proof says whose claim it was; that it still
 * is one is for each statement to find out, by ticket, fence and session.
 */
export class RemoteWorkers {
  readonly #options: RemoteWorkersOptions;
  #secret: Buffer | undefined;

  constructor(options: RemoteWorkersOptions) {
    this.#options = options;
  }

  /** Whose token it is. Throws KORA_AUTH_MISSING. */
  caller(token: string): Promise<WorkerCaller> {
    return checkWorkerToken(this.#options.database, this.#options.owner.workspaceId, token);
  }

  /** The worker in whose name a caller of another door works; undefined where its token is over. */
  known(workerTokenId: number): Promise<WorkerCaller | undefined> {
    return liveWorker(this.#options.database, this.#options.owner.workspaceId, workerTokenId);
  }

  tokens(query: { readonly all?: boolean | undefined } = {}): Promise<WorkerTokenView[]> {
    return listWorkerTokens(this.#options.database, this.#options.owner.workspaceId, query);
  }

  /** Makes a token, which stands in this answer and nowhere else. */
  async issue(wish: NewWorkerToken): Promise<{ readonly token: string; readonly view: WorkerTokenView }> {
    const { database } = this.#options;
    const { token, workerTokenId } = await database.transaction((tx) =>
      issueWorkerToken(tx, this.#tokenContext(), wish),
    );
    return { token, view: await this.#view(workerTokenId) };
  }

  /** Takes a token back: its sessions end, and what they hold is claimable at once. Throws KORA_WORKER_UNKNOWN. */
  async revoke(workerTokenId: number, reason: string): Promise<WorkerTokenView> {
    const { database, owner } = this.#options;
    await database.transaction((tx) =>
      revokeWorkerToken(tx, this.#tokenContext(), { workerTokenId, reason }),
    );
    await this.#giveBack('the token of its worker was revoked', workerTokenId);
    await endRemoteSessions(database, owner.workspaceId, workerTokenId);
    return this.#view(workerTokenId);
  }

  /** Throws KORA_WORKER_KIND. */
  async claim(
    caller: WorkerCaller,
    want: RemoteWant,
  ): Promise<RemoteTake & { readonly tokened: readonly TokenedClaim[] }> {
    const { owner, chain } = this.#options;
    const secret = await this.#key();
    await chain.keptPace();
    const take = await claimForWorker(this.#options, caller, want);
    if (take.claims.length > 0) chain.staged();
    const holder = { workspaceId: owner.workspaceId, actorId: caller.actorId };
    const sessionId = take.sessionId ?? '';
    const tokened = take.claims.map((claim) => ({
      token: makeClaimToken(secret, holder, { ...claim, sessionId }),
      claim,
    }));
    return { ...take, tokened };
  }

  /** Prolongs the sessions of these claims; says for each of them whether it is still held. */
  async refresh(caller: WorkerCaller, tokens: readonly string[]): Promise<readonly boolean[]> {
    const { database, owner, takesAway } = this.#options;
    const named = await Promise.all(tokens.map((token) => this.#named(caller, token).catch(() => undefined)));
    // A claim that was being made while the stop was carried out.
    if (takesAway()) {
      await this.abort('a stop is in force');
      return tokens.map(() => false);
    }
    const known = named.filter((claim) => claim !== undefined);
    const held = new Set((await refreshClaims(database, owner, caller, known)).map(word));
    return named.map((claim) => claim !== undefined && held.has(word(claim)));
  }

  /** Throws KORA_TICKET_STALE_FENCE, as all that follow. */
  async progress(
    caller: WorkerCaller,
    token: string,
    progress: TicketProgress,
  ): Promise<{ readonly deadline: string }> {
    const { database, owner } = this.#options;
    return tellProgress(database, owner.workspaceId, await this.#named(caller, token), progress);
  }

  async note(caller: WorkerCaller, token: string, text: string): Promise<void> {
    await this.#options.notes.add(await this.#named(caller, token), text);
  }

  async event(caller: WorkerCaller, token: string, event: WorkerEvent): Promise<void> {
    const { database, owner } = this.#options;
    const claim = await this.#named(caller, token);
    const context = { workspaceId: owner.workspaceId, actorId: caller.actorId, stage: this.#stage };
    await database.transaction((tx) => addWorkerEvent(tx, context, claim, event));
  }

  /** Throws what the ledger throws. */
  async operation(caller: WorkerCaller, token: string, step: RemoteStep): Promise<OperationView> {
    const holder = await this.#named(caller, token);
    // A store that is away is the worker's to ask again: nobody waits for it here.
    const mover = { holder, signal: AbortSignal.abort() };
    return stepOperation(this.#options.ledger, mover, step);
  }

  /** `already`: the same was said before and its answer was lost. */
  async resolve(
    caller: WorkerCaller,
    token: string,
    result: Omit<TicketResult, 'tickets' | 'messages' | 'events'>,
  ): Promise<'ok' | 'already'> {
    const { resolution } = result;
    return this.#end(caller, token, resolution, (tx, context, claim) =>
      resolveTicket(tx, context, claim, result),
    );
  }

  async release(caller: WorkerCaller, token: string, reason: string): Promise<'ok' | 'already'> {
    return this.#end(caller, token, 'released', (tx, context, claim) =>
      releaseTicket(tx, context, claim, reason),
    );
  }

  /** Gives back what workers hold through this runtime; whoever writes for it afterwards is stale. Answers how many. */
  abort(reason: string): Promise<number> {
    return this.#giveBack(reason);
  }

  async #end(
    caller: WorkerCaller,
    token: string,
    resolution: TicketResult['resolution'],
    end: (tx: Transaction, context: ResolveContext, claim: EndedClaim) => Promise<Verdict>,
  ): Promise<'ok' | 'already'> {
    const { database, owner, kick } = this.#options;
    const named = await this.#named(caller, token);
    const freed: number[] = [];
    const ended = await database.transaction(async (tx) => {
      const claim = await readHeldClaim(tx, owner.workspaceId, named);
      return claim === undefined
        ? undefined
        : end(tx, this.#context(caller.actorId, named.sessionId, freed), claim);
    });
    if (ended === 'ok') {
      await freeDependents(database, owner, freed);
      kick();
      return 'ok';
    }
    if (await wasEndedAs(database, owner.workspaceId, named, resolution)) return 'already';
    throw staleClaim();
  }

  async #giveBack(reason: string, workerTokenId?: number): Promise<number> {
    const { database, owner, kick } = this.#options;
    let given = 0;
    for (const lease of await remoteLeases(database, owner, workerTokenId)) {
      const verdict = await database.transaction(async (tx) => {
        const claim = await readHeldClaim(tx, owner.workspaceId, lease);
        if (claim === undefined) return 'lost';
        return releaseTicket(tx, this.#context(lease.actorId, lease.sessionId), claim, reason);
      });
      if (verdict === 'ok') given += 1;
    }
    if (given > 0) kick();
    return given;
  }

  async #named(caller: WorkerCaller, token: string): Promise<NamedClaim> {
    const { workspaceId } = this.#options.owner;
    const holder = { workspaceId, actorId: caller.actorId };
    const named = readClaimToken(await this.#key(), holder, token);
    if (named === undefined) throw staleClaim();
    return named;
  }

  async #key(): Promise<Buffer> {
    this.#secret ??= await readClaimSecret(this.#options.database);
    return this.#secret;
  }

  async #view(workerTokenId: number): Promise<WorkerTokenView> {
    const { database, owner } = this.#options;
    const [view] = await listWorkerTokens(database, owner.workspaceId, { all: true, workerTokenId });
    if (view === undefined) throw fault('KORA_INTERNAL', `worker token ${workerTokenId} is gone`);
    return view;
  }

  #tokenContext(): { workspaceId: number; by: string; stage: Chain['stage'] } {
    const { owner, operator } = this.#options;
    return { workspaceId: owner.workspaceId, by: operator, stage: this.#stage };
  }

  /** Events of a worker's claim are that worker's. */
  #context(actorId: string, sessionId: string, freed: number[] = []): ResolveContext {
    const { owner, clock, chain, retryCeiling } = this.#options;
    return {
      workspaceId: owner.workspaceId,
      runtimeId: owner.runtimeId,
      sessionId,
      prepare: (event) => chain.prepare({ ...event, actorId }),
      staged: () => chain.staged(),
      frees: (ticketIds) => void freed.push(...ticketIds),
      random: () => clock.random(),
      uuid: () => clock.uuid(),
      ...(retryCeiling === undefined ? {} : { retryCeiling }),
    };
  }

  readonly #stage: Chain['stage'] = (tx, drafts) => this.#options.chain.stage(tx, drafts);
}

function word({ ticketId, fence, sessionId }: NamedClaim): string {
  return `${ticketId}:${fence}:${sessionId}`;
}

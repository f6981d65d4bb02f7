import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { Ledger, Notes, RemoteWorkers, remoteSessionTtlMs } from './ticket/index.ts';
import type { OperationView, TokenedClaim } from './ticket/index.ts';
import { operatorActor } from './workspace/index.ts';

type RemoteGround = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'vocabulary' | 'holder' | 'admission' | 'worker'
>;

/** From this level on, a stop takes away what is held. */
const takingAwayLevel = 3;

/** The room that workers in other processes are served from. */
export function remoteWorkersOf({ clock, configuration }: Ground, rooms: RemoteGround): RemoteWorkers {
  const { database, workspace, chain, vocabulary, holder, admission, worker } = rooms;
  const { workspaceId } = workspace;
  const scrub = (text: string): string => vocabulary.text(text);
  return new RemoteWorkers({
    database,
    owner: chain.owner,
    clock,
    chain,
    admission,
    notes: new Notes({ database, workspaceId, scrub }),
    ledger: new Ledger({ database, workspaceId, clock, scrub }),
    takesAway: () => holder.inputs.killed || holder.inputs.stopLevel >= takingAwayLevel,
    kick: () => worker.announce(),
    retryCeiling: configuration.config.tickets.retryCeiling,
    operator: operatorActor,
  });
}

/** What workers in other processes ask, and what the operator asks about them. */
export function workerAnswers({ workers }: Pick<Rooms, 'workers'>): Pick<House, 'workers'> {
  return {
    workers: {
      caller: (token) => workers.caller(token),
      tokens: (query) => workers.tokens(query),
      issue: async (wish) => {
        const { token, view } = await workers.issue(wish);
        return { ...view, token };
      },
      revoke: (workerTokenId, reason) => workers.revoke(workerTokenId, reason),
      claim: async (caller, wish) => {
        const { result, cause, sessionId, tokened } = await workers.claim(caller, wish);
        const tickets = tokened.map(claimedTicket);
        return { result, cause, session: sessionId, sessionTtlMs: remoteSessionTtlMs, tickets };
      },
      refresh: async (caller, { claims }) => ({
        sessionTtlMs: remoteSessionTtlMs,
        held: [...(await workers.refresh(caller, claims))],
      }),
      progress: (caller, { claim, ...progress }) => workers.progress(caller, claim, definite(progress)),
      note: async (caller, { claim, text }) => {
        await workers.note(caller, claim, text);
        return { accepted: true };
      },
      event: async (caller, { claim, ...event }) => {
        await workers.event(caller, claim, event);
        return { accepted: true };
      },
      operation: async (caller, { claim, ...wish }) =>
        operationAnswer(await workers.operation(caller, claim, definite(wish))),
      release: async (caller, { claim, reason }) => ({
        verdict: await workers.release(caller, claim, reason),
      }),
      resolve: async (caller, { claim, failure, ...result }) => {
        const why = failure === undefined ? {} : { failure: definite(failure) };
        return { verdict: await workers.resolve(caller, claim, { ...definite(result), ...why }) };
      },
    },
  };
}

type ClaimedTicket = Awaited<ReturnType<House['workers']['claim']>>['tickets'][number];

function claimedTicket({ token, claim }: TokenedClaim): ClaimedTicket {
  const { ticketId, fence, kind, title, objective, payload, critical, trusted, attempts } = claim;
  const { failures, correlationId, deadlineMs } = claim;
  const shown = { ticketId, fence, kind, title, objective, critical, trusted, failures, correlationId };
  return { claim: token, ...shown, payload: { ...payload }, attempt: attempts, deadlineMs };
}

type OperationAnswer = Awaited<ReturnType<House['workers']['operation']>>;

function operationAnswer({
  key,
  status,
  dispatches,
  sideEffects,
  error,
  ...rest
}: OperationView): OperationAnswer {
  return {
    key,
    status,
    dispatches,
    sideEffects,
    error,
    ...('result' in rest ? { result: rest.result } : {}),
  };
}

type Definite<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Left out is left out, whichever way it was said. */
function definite<T extends object>(given: T): Definite<T> {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as Definite<T>;
}

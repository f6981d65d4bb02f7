import type { Admission, Refusal } from '../../admission/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import { koraActor } from '../../workspace/index.ts';
import { claimTicket } from '../queue/claim-one.ts';
import type { ClaimAnswer, ClaimResult } from '../queue/claim-one.ts';
import { claimTickets } from '../queue/claim.ts';
import type { Claim, ClaimWant } from '../queue/claim.ts';
import { beginRemoteSession, forgetRemoteSession, keepRemoteSession } from './remote-session.ts';
import type { WorkerCaller } from './worker-token.ts';

/** What a worker in another process asks for. */
export interface RemoteWant {
  /** The session that an earlier claim of this process was answered with. */
  readonly session?: string | undefined;
  /** Some of the kinds it was granted, the first the most wanted; all of them where nothing is said. */
  readonly kinds?: readonly string[] | undefined;
  readonly limit: number;
  /** Milliseconds without progress that it may take over one ticket. */
  readonly deadlineMs: number;
  /** One ticket by its number, instead of whatever is ready. */
  readonly ticketId?: number | undefined;
  /** What the worker means by a claim; default what we mean by it. */
  readonly contractVersion?: number | undefined;
}

export type RemoteClaimResult = ClaimResult | 'nothing_ready';

export interface RemoteTake {
  readonly result: RemoteClaimResult;
  /** Why the door is closed, or what else stands in the way. */
  readonly cause: string | null;
  /** Null when it has none and nothing was taken. */
  readonly sessionId: string | null;
  readonly claims: readonly Claim[];
}

export interface RemoteClaimPorts {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
}

/** The kinds of a wish, each granted. Throws KORA_WORKER_KIND. */
export function grantedKinds(caller: WorkerCaller, kinds: readonly string[] | undefined): readonly string[] {
  const wanted = [...new Set(kinds ?? caller.kinds)];
  const beyond = wanted.find((kind) => !caller.kinds.includes(kind));
  if (beyond === undefined) return wanted;
  throw fault('KORA_WORKER_KIND', `${caller.actorId} has no leave to work tickets of kind ${beyond}`, {
    fix: `kora worker add ${caller.name} --kind ${beyond}`,
  });
}

/** Takes what is ready for this worker by name, then what is anybody's, in its session. Throws KORA_WORKER_KIND. */
export async function claimForWorker(
  ports: RemoteClaimPorts,
  caller: WorkerCaller,
  want: RemoteWant,
): Promise<RemoteTake> {
  const kinds =
    want.ticketId === undefined
      ? grantedKinds(caller, want.kinds)
      : await kindOf(ports, caller, want.ticketId);
  const door = await openDoors(ports, caller, kinds);
  if ('cause' in door) return blocked(door, want.session ?? null);
  const { database, owner } = ports;
  const session = await sessionFor(ports, caller, want.session);
  const taking = { ...want, kinds, ...door, sessionId: session.id };
  const taken = await (want.ticketId === undefined
    ? takeReady(ports, caller, taking)
    : takeNamed(ports, caller, { ...taking, ticketId: want.ticketId }));
  if (taken.claims.length > 0) return { ...taken, sessionId: session.id };
  if (session.isNew) await forgetRemoteSession(database, owner, session.id);
  return { ...taken, sessionId: session.isNew ? null : session.id };
}

/** The kind of one ticket, if it is granted. Throws KORA_TICKET_UNKNOWN, KORA_WORKER_KIND. */
async function kindOf(
  { database, owner }: RemoteClaimPorts,
  caller: WorkerCaller,
  ticketId: number,
): Promise<readonly string[]> {
  const [ticket] = await database.query<{ kind: string }>(
    'select kind from kora.ticket where workspace_id = $1 and ticket_id = $2',
    [owner.workspaceId, ticketId],
  );
  if (ticket === undefined) throw fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId}`);
  return grantedKinds(caller, [ticket.kind]);
}

/** Whether only critical tickets may be claimed; or what closes the door to all of them. */
async function openDoors(
  { admission }: RemoteClaimPorts,
  { actorId }: WorkerCaller,
  [kind = 'any']: readonly string[],
): Promise<{ readonly critical: boolean } | Refusal> {
  const any = await admission.admit('claim', { caller: actorId, kind, critical: false });
  if (any.allow) return { critical: false };
  return any.cause === 'critical_only' ? { critical: true } : any;
}

function blocked({ blockKind, cause }: Refusal, sessionId: string | null): RemoteTake {
  const isMoney = blockKind === 'budget' || cause === 'cost_hold';
  return { result: isMoney ? 'blocked_by_cost' : 'blocked_by_control', cause, sessionId, claims: [] };
}

async function sessionFor(
  { database, owner, clock }: RemoteClaimPorts,
  caller: WorkerCaller,
  known: string | undefined,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  if (known !== undefined && (await keepRemoteSession(database, owner, caller, known)))
    return { id: known, isNew: false };
  const id = clock.uuid();
  await beginRemoteSession(database, owner, caller, id);
  return { id, isNew: true };
}

interface Taking extends Omit<RemoteWant, 'kinds'> {
  readonly kinds: readonly string[];
  readonly critical: boolean;
  readonly sessionId: string;
}

type Taken = Omit<RemoteTake, 'sessionId'>;

async function takeReady(ports: RemoteClaimPorts, caller: WorkerCaller, taking: Taking): Promise<Taken> {
  const { database, owner, admission } = ports;
  const { critical, deadlineMs, sessionId } = taking;
  const { actorId } = caller;
  const claims: Claim[] = [];
  for (const assignedTo of [actorId, koraActor]) {
    const total = taking.limit - claims.length;
    const wants: ClaimWant[] = [];
    for (const kind of total === 0 ? [] : taking.kinds) {
      const leave = await admission.admit('claim', { caller: actorId, kind, critical });
      if (leave.allow) wants.push({ kind, limit: total, deadlineMs, pass: leave.pass });
    }
    const request = { sessionId, assignedTo, wants, total, admission };
    claims.push(...(await claimTickets(database, { ...owner, actorId }, request)));
  }
  return { result: claims.length > 0 ? 'claimed' : 'nothing_ready', cause: null, claims };
}

/** One ticket: the worker's own by name, or anybody's. */
async function takeNamed(
  { database, owner, admission }: RemoteClaimPorts,
  { actorId }: WorkerCaller,
  taking: Taking & { readonly ticketId: number },
): Promise<Taken> {
  const { critical, deadlineMs, sessionId, ticketId, contractVersion } = taking;
  const [kind = ''] = taking.kinds;
  let answer: ClaimAnswer = { result: 'not_assigned' };
  for (const assignedTo of [koraActor, actorId]) {
    const leave = await admission.admit('claim', { caller: actorId, kind, critical });
    if (!leave.allow) return blocked(leave, null);
    answer = await claimTicket(
      database,
      { ...owner, actorId },
      {
        sessionId,
        assignedTo,
        admission,
        ticketId,
        kind,
        deadlineMs,
        pass: leave.pass,
        ...(contractVersion === undefined ? {} : { contractVersion }),
      },
    );
    if (!unassigned.has(answer.result)) break;
  }
  const { result, reason = null, claim } = answer;
  return { result, cause: reason, claims: claim === undefined ? [] : [claim] };
}

const unassigned: ReadonlySet<ClaimResult> = new Set(['not_assigned', 'assignment_cleared']);

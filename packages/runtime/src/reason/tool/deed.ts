import type { Admission, DenyCause, DoorContexts, Refusal } from '../../admission/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, KoraError } from '../../fault/index.ts';
import type { RunFacts, ToolRequest } from '../ports.ts';
import { shownAnswer } from './answer.ts';
import type { ShownAnswer } from './answer.ts';
import type { OperationSpec, ToolSpec } from './contract.ts';
import { callerFor } from './leave.ts';
import type { LeavePort } from './leave.ts';
import { argumentsHash } from './recorded.ts';
import type { RegisteredTool } from './registry.ts';

export interface DeedOptions {
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly leave: LeavePort;
  /** What is done in a ticket's name, by its ledger: once over all attempts. Throws what the ledger throws. */
  readonly operation: (
    ticket: { readonly ticketId: number; readonly fence: number },
    spec: OperationSpec,
    run: (key: string) => Promise<unknown>,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
}

/** One call that fits its tool and was not made before. */
export interface Wanted {
  readonly run: RunFacts;
  readonly tool: RegisteredTool;
  readonly request: ToolRequest;
  readonly input: Parameters<ToolSpec['run']>[0];
  /** What tells it from other calls: hex, of the tool and its input. */
  readonly key: string;
  /** No text of strangers is in the run. */
  readonly trusted: boolean;
  /** That an earlier refusal of this very call named. */
  readonly approvalId: number | undefined;
}

/** The door said no; nothing was run. */
export class Refused extends Error {
  readonly refusal: Pick<Refusal, 'cause' | 'approvalId'>;

  constructor(refusal: Pick<Refusal, 'cause' | 'approvalId'>) {
    super(refusal.cause);
    this.refusal = refusal;
  }
}

/** How long a tool that was told to stop may take to do so. */
const stopGraceMs = 500;
const longestReason = 1_000;

/**
 * Does one call. In a ticket's name, what changes the world goes through the ledger: what an earlier attempt did is
 * answered from there, and what may have happened once is not done again. Throws Refused, KORA_TIMEOUT, what the tool
 * throws, and what the ledger throws.
 */
export async function doCall(options: DeedOptions, wanted: Wanted): Promise<ShownAnswer> {
  const { run, tool, request, key } = wanted;
  const { sideEffects, name } = tool.spec;
  if (run.ticket === null || sideEffects === 'none') return leaveAndRun(options, wanted, callIdOf(wanted));
  const spec = { id: `${name}:${key.slice(0, 32)}`, tool: name, sideEffects, request: request.input };
  let refused: Refused | undefined;
  const deed = async (operationKey: string): Promise<ShownAnswer> => {
    try {
      return await leaveAndRun(options, wanted, operationKey);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused = error;
      // The ledger knows by this code that nothing was done.
      throw fault('KORA_OPERATION_REFUSED', `the door said no: ${error.refusal.cause}`);
    }
  };
  try {
    return (await options.operation(run.ticket, spec, deed, run.signal)) as ShownAnswer;
  } catch (error) {
    throw refused ?? error;
  }
}

/** The pass is redeemed at the deed itself: a stop that came meanwhile is heard. */
async function leaveAndRun(options: DeedOptions, wanted: Wanted, callId: string): Promise<ShownAnswer> {
  const { run, tool, input, trusted } = wanted;
  const { admission, clock, scrub } = options;
  const leave = await admission.admit('tool_call', await questionOf(options, wanted));
  if (!leave.allow) throw new Refused(leave);
  const { timeoutMs: ms, spec } = tool;
  const call = {
    runId: run.runId,
    callId,
    route: run.route,
    caller: run.caller,
    trusted,
    ticketId: run.ticket?.ticketId ?? null,
  };
  const deadline = { ms, what: `tool ${spec.name}`, signal: run.signal, graceMs: stopGraceMs };
  const answer = await withDeadline(clock, deadline, async (signal) => {
    try {
      admission.redeem(leave.pass, 'tool_call');
    } catch (error) {
      throw closedSince(error);
    }
    return spec.run(input, { ...call, signal });
  });
  return shownAnswer(tool, answer, scrub);
}

async function questionOf(options: DeedOptions, wanted: Wanted): Promise<DoorContexts['tool_call']> {
  const { run, tool, request, approvalId } = wanted;
  const { route, caller, ticket, untrusted } = run;
  const { name, capability } = tool.spec;
  const inName = await callerFor(options.leave, tool, { route, caller, untrusted });
  // It was advertised under a grant that is gone.
  if (inName === undefined) throw new Refused({ cause: 'capability_denied' });
  return {
    caller: inName,
    callId: callIdOf(wanted),
    tool: name,
    capability,
    argumentsHash: argumentsHash(request.input),
    ...(ticket === null ? {} : { claim: ticket }),
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(request.reason === undefined ? {} : { reason: request.reason.slice(0, longestReason) }),
  };
}

/** The same for the same call: in the run, or over all attempts at the ticket, so that an approval of it is found again. */
function callIdOf({ run, tool, key }: Wanted): string {
  const whose = run.ticket === null ? run.runId : `ticket-${run.ticket.ticketId}`;
  return `${whose}:${tool.spec.name}:${key.slice(0, 32)}`;
}

function closedSince(error: unknown): unknown {
  if (!(error instanceof KoraError) || error.code !== 'KORA_ADMISSION_DENIED') return error;
  return new Refused({ cause: error.details['cause'] as DenyCause });
}

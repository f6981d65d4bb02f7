import { withDeadline } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { shownContent } from './answer.ts';
import type { DeedOptions } from './deed.ts';
import { argumentsHash } from './recorded.ts';
import type { RegisteredTool } from './registry.ts';
import { routeCaller } from './route-sets.ts';

/** Whoever thinks here asks for a reason of its own; what is read for all is read on this route. */
const route = 'scheduled_task';

/** A call that nobody who thinks makes: the runtime reads something for itself. */
export interface Reading {
  /** What it is for: unique in the workspace as the id of its calls. */
  readonly callId: string;
  readonly input: unknown;
  /** The plugin whose engine serves, for whom it is read where the runtime itself has no grant. */
  readonly engine: string | undefined;
  readonly signal: AbortSignal;
}

/** In whose name the runtime may read by a tool; undefined where nobody granted it. Throws what the store throws. */
export async function readerOf(
  { leave }: Pick<DeedOptions, 'leave'>,
  { spec }: RegisteredTool,
  engine: string | undefined,
): Promise<string | undefined> {
  if (spec.routes !== undefined && !spec.routes.includes(route)) return undefined;
  for (const caller of ['kora', routeCaller(route), ...(engine === undefined ? [] : [engine])])
    if (await leave.isGranted(caller, spec.capability)) return caller;
  return undefined;
}

/**
 * What a tool says to the runtime itself, through the door: of one that only reads, was granted, and is nobody's word but
 * the house's. Nobody is asked for leave. Throws KORA_TOOL_INVALID for another tool or input, KORA_ADMISSION_DENIED,
 * KORA_TIMEOUT and what the tool throws.
 */
export async function readByTool(
  options: DeedOptions,
  tool: RegisteredTool,
  { callId, input, engine, signal }: Reading,
): Promise<unknown> {
  const { clock, admission, scrub } = options;
  const { name, capability, sideEffects } = tool.spec;
  if (sideEffects !== 'none' || !tool.trusted)
    throw fault('KORA_TOOL_INVALID', `${name} is not read by the runtime: it does more, or is a stranger's`);
  const parsed = await tool.spec.input.safeParseAsync(input);
  if (!parsed.success) throw fault('KORA_TOOL_INVALID', `${name} does not take that input`);
  const caller = await readerOf(options, tool, engine);
  if (caller === undefined) throw denied(name, 'capability_denied');
  const leave = await admission.admit('tool_call', {
    caller,
    callId,
    tool: name,
    capability,
    argumentsHash: argumentsHash(input),
  });
  if (!leave.allow) throw denied(name, leave.cause);
  const call = { runId: callId, callId, route, caller, trusted: true, ticketId: null } as const;
  const deadline = { ms: tool.timeoutMs, what: `tool ${name}`, signal, graceMs: 1 };
  const answer = await withDeadline(clock, deadline, async (ends) => {
    admission.redeem(leave.pass, 'tool_call');
    return tool.spec.run(parsed.data, { ...call, signal: ends });
  });
  return shownContent(tool, answer, scrub);
}

function denied(tool: string, cause: string): Error {
  return fault('KORA_ADMISSION_DENIED', `${tool} is not asked: ${cause}`, { details: { cause } });
}

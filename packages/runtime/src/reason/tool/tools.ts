import { z } from 'zod';
import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault, KoraError, messageOf } from '../../fault/index.ts';
import { toolCalled } from '../events.ts';
import type { RunFacts, ToolDone, ToolRequest, ToolsPort } from '../ports.ts';
import { failureText } from './answer.ts';
import type { ToolOutcome, ToolView } from './contract.ts';
import { doCall, Refused } from './deed.ts';
import type { DeedOptions, Wanted } from './deed.ts';
import { callerFor } from './leave.ts';
import type { LeavePort } from './leave.ts';
import { RunMemory } from './memory.ts';
import { readByTool, readerOf } from './read.ts';
import type { Reading } from './read.ts';
import { callHash, outline, recordable } from './recorded.ts';
import { ToolRegistry } from './registry.ts';
import type { RegisteredTool } from './registry.ts';
import type { ToolAsker } from './route-sets.ts';
import { Trims } from './trims.ts';

export interface ToolsOptions extends DeedOptions {
  readonly leave: LeavePort & {
    /** Whether somebody here declares it. */
    isMapped(capability: string): boolean;
  };
  readonly record: (draft: EventDraft) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

const largestInput = 65_536;
const longestProblem = 1_000;

/** The tools of a runtime: what is there, what a run may be told of, and the one way to call one. */
export class Tools implements ToolsPort {
  readonly registry: ToolRegistry;
  /** What was learned not to be offered. */
  readonly trims = new Trims();
  readonly #options: ToolsOptions;
  readonly #memories = new WeakMap<RunFacts, RunMemory>();

  constructor(options: ToolsOptions) {
    this.#options = options;
    this.registry = new ToolRegistry((capability) => options.leave.isMapped(capability));
  }

  /** What whoever asks is offered on this route, by name. Throws what the store throws. */
  async advertised(asker: ToolAsker): Promise<readonly ToolView[]> {
    return this.trims.rest(asker.route, await this.granted(asker));
  }

  /** The same before anything was trimmed: what whoever asks may use. Throws what the store throws. */
  async granted(asker: ToolAsker): Promise<readonly ToolView[]> {
    const granted = await Promise.all(
      this.registry.list().map(async (tool) => {
        const isGranted = (await callerFor(this.#options.leave, tool, asker)) !== undefined;
        return isGranted ? [tool.view] : [];
      }),
    );
    return granted.flat();
  }

  /** Whether the runtime itself may read by this tool, in its own name or for the engine of that plugin. */
  async mayRead(tool: RegisteredTool, engine: string | undefined): Promise<boolean> {
    return (await readerOf(this.#options, tool, engine)) !== undefined;
  }

  /** Reads by a tool for the runtime itself. Throws KORA_TOOL_UNKNOWN and what readByTool throws. */
  async read(name: string, reading: Reading): Promise<unknown> {
    const tool = this.registry.get(name);
    if (tool === undefined)
      throw fault('KORA_TOOL_UNKNOWN', `there is no tool ${name}`, { fix: 'kora tool list' });
    return readByTool(this.#options, tool, reading);
  }

  /** Calls a tool for a run, and tells it on the chain. Whatever comes of it is an outcome: it never throws. */
  async call(run: RunFacts, request: ToolRequest): Promise<ToolDone> {
    const { clock, onError } = this.#options;
    const begun = clock.monotonic();
    const tool = this.registry.get(request.tool);
    let outcome: ToolOutcome;
    try {
      outcome = await this.#outcome(run, request, tool);
    } catch (error) {
      onError(`tool ${request.tool}`, error);
      outcome = { status: 'failed', text: `${request.tool} could not be called`, durationMs: 0 };
    }
    await this.#tell(run, request, outcome, Math.round(clock.monotonic() - begun));
    return { outcome, recorded: tool === undefined ? {} : recordable(tool.view.inputSchema, request.input) };
  }

  async #outcome(
    run: RunFacts,
    request: ToolRequest,
    tool: RegisteredTool | undefined,
  ): Promise<ToolOutcome> {
    if (run.signal.aborted) return { status: 'failed', text: 'the run is over', durationMs: 0 };
    if (tool === undefined || !run.tools.some(({ name }) => name === request.tool)) {
      const names = run.tools.map(({ name }) => name).join(', ');
      return { status: 'not_advertised', text: `no tool of that name was offered; there are: ${names}` };
    }
    const read = await readInput(tool, request.input);
    if ('problem' in read) return { status: 'invalid_input', text: read.problem };
    const memory = this.#memoryOf(run);
    const key = callHash(request.tool, request.input);
    const { sideEffects } = tool.spec;
    const again = memory.repeats(key, sideEffects);
    if (again !== undefined) return { status: 'repeated', text: again };
    memory.begin(key);
    let outcome: ToolOutcome = { status: 'failed', text: 'it was not begun', durationMs: 0 };
    try {
      outcome = await memory.inTurn(tool.view.parallel, () => {
        const trusted = run.untrusted !== true && !memory.tainted;
        const wanted = { run, tool, request, input: read.input, key, trusted };
        return this.#ran({ ...wanted, approvalId: memory.approvalOf(key) }, memory);
      });
    } finally {
      memory.end(key, outcome, sideEffects);
    }
    return outcome;
  }

  async #ran(wanted: Wanted, memory: RunMemory): Promise<ToolOutcome> {
    const { clock, scrub } = this.#options;
    const begun = clock.monotonic();
    const took = (): number => Math.round(clock.monotonic() - begun);
    try {
      const { untrusted, ...shown } = await doCall(this.#options, wanted);
      if (untrusted) memory.tainted = true;
      return { status: 'ok', ...shown, durationMs: took() };
    } catch (error) {
      if (error instanceof Refused) {
        const { cause, approvalId } = error.refusal;
        return { status: 'refused', cause, ...(approvalId === undefined ? {} : { approvalId }) };
      }
      // What is said when a tool fails is its own word, or that of whoever it asked.
      memory.tainted = true;
      const status = error instanceof KoraError && error.code === 'KORA_TIMEOUT' ? 'timed_out' : 'failed';
      return { status, text: failureText(wanted.tool, error, scrub), durationMs: took() };
    }
  }

  #memoryOf(run: RunFacts): RunMemory {
    const known = this.#memories.get(run);
    if (known !== undefined) return known;
    const memory = new RunMemory();
    this.#memories.set(run, memory);
    return memory;
  }

  /** A call that was made and cannot be told is no call that failed: the error goes to the log. */
  async #tell(run: RunFacts, request: ToolRequest, outcome: ToolOutcome, durationMs: number): Promise<void> {
    const { status } = outcome;
    const payload = {
      tool: request.tool.slice(0, 64),
      session: run.runId,
      route: run.route,
      status: statusOf(status),
      outcome: status,
      duration_ms: durationMs,
      ...(run.identityHash === null ? {} : { identity_hash: run.identityHash }),
      ...(outcome.status === 'refused' ? { cause: outcome.cause } : {}),
      ...(outcome.status === 'ok' ? { evidence: outcome.evidence.length } : {}),
      arguments: outline(request.input),
    };
    const links = run.ticket === null ? {} : { ticketId: run.ticket.ticketId, fence: run.ticket.fence };
    try {
      await this.#options.record(draft(toolCalled, payload, links));
    } catch (error) {
      this.#options.onError(`telling of tool ${request.tool}`, error);
    }
  }
}

/** In the words that the event has always had. */
function statusOf(status: ToolOutcome['status']): 'ok' | 'not_allowed' | 'execution_error' {
  if (status === 'ok') return 'ok';
  return status === 'failed' || status === 'timed_out' ? 'execution_error' : 'not_allowed';
}

type Read = { readonly input: Wanted['input'] } | { readonly problem: string };

async function readInput({ spec }: RegisteredTool, given: unknown): Promise<Read> {
  const { length } = JSON.stringify(given) ?? '';
  if (length > largestInput) return { problem: `its input is longer than ${largestInput} characters` };
  try {
    const parsed = await spec.input.safeParseAsync(given);
    if (parsed.success) return { input: parsed.data };
    return { problem: z.prettifyError(parsed.error).slice(0, longestProblem) };
  } catch (error) {
    return { problem: messageOf(error).slice(0, longestProblem) };
  }
}

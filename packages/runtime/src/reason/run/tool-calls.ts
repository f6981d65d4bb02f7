import { z } from 'zod';
import { storable } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import type { EngineContext, ToolOutcome } from '../contract.ts';
import type { ToolDone, ToolsPort } from '../ports.ts';
import { insertToolCall } from './call-rows.ts';
import { isQuoting } from '../quote/contract.ts';
import type { LiveRun } from './live-run.ts';
import type { Runs } from './runs.ts';
import { storedJson } from './stored.ts';

export interface ToolCallsOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly tools: () => ToolsPort;
  readonly runs: Runs;
  readonly scrub: (text: string) => string;
  readonly told: (run: LiveRun, what: string) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** They stand on the receipt: with one that no row can hold, the run could not be closed. */
const name = z
  .string()
  .min(1)
  .refine((text) => storable(text) === text, 'cannot be kept');
const shape = z.object({
  runId: z.string(),
  callId: name.max(100),
  tool: name.max(200),
  input: z.unknown(),
  reason: z.string().max(1_000).optional(),
});

/** More would be no thinking but a flood. */
const mostCalls = 100;

/** The way of every tool call of a model: never an exception, always on record, and what it read counts as read. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  async call(call: Parameters<EngineContext['callTool']>[0], owner: string): Promise<ToolOutcome> {
    const { clock, runs } = this.#options;
    const read = shape.safeParse(call);
    if (!read.success) return { status: 'invalid_input', text: z.prettifyError(read.error) };
    const { runId, ...request } = read.data;
    const run = runs.of(runId, owner);
    const ended = run === undefined ? 'there is no such run' : whyNot(run);
    if (run === undefined || ended !== undefined)
      return { status: 'failed', text: ended ?? 'there is no such run', durationMs: 0 };
    const ordinal = run.toolsCalled.push(request.tool);
    this.#options.told(run, request.tool);
    const began = clock.monotonic();
    const done = await this.#run(run, request);
    const durationMs = Math.max(0, Math.round(clock.monotonic() - began));
    await this.#record(run, { ...request, ordinal, durationMs }, done);
    return done.outcome;
  }

  async #run(run: LiveRun, request: Parameters<ToolsPort['call']>[1]): Promise<ToolDone> {
    const { clock, tools, onError } = this.#options;
    const began = clock.monotonic();
    try {
      return await tools().call(run, request);
    } catch (error) {
      onError(`tool ${request.tool}`, error);
      const durationMs = Math.max(0, Math.round(clock.monotonic() - began));
      const text = this.#options.scrub(messageOf(error));
      return { outcome: { status: 'failed', text, durationMs }, recorded: null };
    }
  }

  async #record(
    run: LiveRun,
    call: {
      readonly callId: string;
      readonly tool: string;
      readonly ordinal: number;
      readonly durationMs: number;
    },
    { outcome, recorded }: ToolDone,
  ): Promise<void> {
    const { database, workspaceId, scrub, onError } = this.#options;
    const evidence = outcome.status === 'ok' ? outcome.evidence : [];
    try {
      await insertToolCall(database, workspaceId, {
        runId: run.runId,
        callId: call.callId,
        ordinal: call.ordinal,
        tool: call.tool,
        durationMs: call.durationMs,
        status: outcome.status,
        input: storedJson(recorded, scrub),
        outcome: storedJson(outcome, scrub),
        evidence,
        untrusted: 'text' in outcome && isQuoting(outcome.text),
      });
      // What is not on record was not read, as far as anybody can say later.
      for (const { id } of evidence) run.read.add(id);
    } catch (error) {
      onError(`record of tool ${call.tool}`, error);
    }
  }
}

function whyNot(run: LiveRun): string | undefined {
  if (run.signal.aborted || run.isOver) return 'the run is over';
  return run.toolsCalled.length >= mostCalls ? `a run calls tools ${mostCalls} times at most` : undefined;
}

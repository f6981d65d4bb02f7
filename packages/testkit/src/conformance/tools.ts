import type { ToolSpec } from '@kora/runtime/plugin';
import { messageOf } from '@kora/runtime/plugin';
import { z } from 'zod';
import { settles } from '../house/patience.ts';
import { readPackage } from '../manifest.ts';
import type { TestRuntime } from '../test-runtime.ts';
import { failure } from './failure.ts';
import type { Subject } from './life.ts';
import { sampleOf } from './sample.ts';

/** What a tool is tried with: what the author gave, else the least that its schema takes; undefined where that does not fit. */
export function inputFor(subject: Subject, tool: ToolSpec): Readonly<Record<string, unknown>> | undefined {
  const given = subject.options.toolInputs?.[tool.name];
  const read = tool.input.safeParse(given ?? sampleOf(schemaOf(tool)));
  return read.success ? read.data : undefined;
}

/** Runs a tool as the house would, without asking the door: a suite has no operator. */
export function tryTool(
  tool: ToolSpec,
  input: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<unknown> {
  const call = {
    runId: 'conformance',
    callId: `conformance:${tool.name}`,
    route: 'cli',
    ticketId: null,
  } as const;
  return Promise.resolve().then(() => tool.run(input, { ...call, caller: 'kora', trusted: true, signal }));
}

export async function toolsTakeWhatTheySay(subject: Subject): Promise<void> {
  const { manifest } = await readPackage(subject.options.packageDir);
  await subject.live(async ({ house }) => {
    for (const tool of house.tools.list()) {
      const { name, capability } = tool;
      if (!manifest.capabilities.includes(capability))
        throw failure(
          `tool ${name} needs ${capability}, which is not among the capabilities that package.json asks for`,
          `add "${capability}" to kora.capabilities`,
        );
      refuseMisfit(subject, tool);
    }
  });
}

/** A model is told JSON Schema: what that takes and what the tool takes must be one. */
function refuseMisfit(subject: Subject, tool: ToolSpec): void {
  const written = schemaOf(tool);
  let rebuilt: z.ZodType;
  try {
    rebuilt = z.fromJSONSchema(written as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    throw failure(
      `the input of tool ${tool.name} cannot be read again: ${messageOf(error)}`,
      undefined,
      error,
    );
  }
  const given = subject.options.toolInputs?.[tool.name];
  if (given === undefined) return;
  const own = tool.input.safeParse(given);
  if (!own.success)
    throw failure(`tool ${tool.name} does not take its toolInputs: ${z.prettifyError(own.error)}`);
  const read = rebuilt.safeParse(given);
  if (!read.success)
    throw failure(
      `what a model is told of tool ${tool.name} refuses what it takes: ${z.prettifyError(read.error)}`,
    );
}

export async function toolsHonourAbort(subject: Subject): Promise<void> {
  await subject.live(async (runtime) => {
    await runtime.start();
    for (const tool of triable(runtime, subject)) await giveUp(runtime, subject, tool);
  });
}

async function giveUp(runtime: TestRuntime, subject: Subject, tool: ToolSpec): Promise<void> {
  const input = inputFor(subject, tool);
  if (input === undefined) return;
  const given = new AbortController();
  const run = tryTool(tool, input, given.signal);
  run.catch(() => undefined); // how it ends is not the question
  await runtime.clock.advance(0);
  given.abort();
  if (!(await settles(runtime.house, run, { fakeMs: 0, realMs: subject.patienceMs })))
    throw failure(
      `tool ${tool.name} goes on ${subject.patienceMs} ms after its signal aborted`,
      'hand the signal to whatever the tool waits for',
    );
}

/** Those that only look, and those whose author said with what they may be tried. */
export function triable({ house }: TestRuntime, { options }: Subject): readonly ToolSpec[] {
  return house.tools
    .list()
    .filter(({ name, sideEffects }) => sideEffects === 'none' || options.toolInputs?.[name] !== undefined);
}

function schemaOf(tool: ToolSpec): unknown {
  return z.toJSONSchema(tool.input, { io: 'input', unrepresentable: 'any', reused: 'inline' });
}

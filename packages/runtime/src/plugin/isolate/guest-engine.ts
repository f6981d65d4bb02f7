import type { EngineContext, EngineRequest, EngineSpec } from '../contract.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

/** Bytes of what is kept of one model call; more is cut there, and a line that long would end the link here. */
const longestKept = 1024 * 1024;
const headCharacters = 262_144;

/** What of an engine crosses; it thinks here, and what it tells while it does goes out as it comes. */
export function describeEngine(engine: EngineSpec, link: Link, shelf: Shelf): { readonly handle: number } {
  const { name, models } = engine;
  const handle = shelf.keep({
    respond: async (args, signal) => {
      const request = args as EngineRequest;
      const { runId } = request;
      return engine.respond(request, signal, (sign) => link.tell('engine.sign', { runId, sign }));
    },
    decide: async (args) => engine.decide?.(args as EngineRequest),
  });
  const data = { name, models, decides: engine.decide !== undefined };
  return { handle, ...data };
}

/** The door, the journal and the tools are the host's: an engine asks there, by run. */
export function engineOver(link: Link): EngineContext {
  return {
    beginCall: async (start) => {
      const asked = { ...start, request: bounded(start.request) };
      return (await link.call('engine.beginCall', asked)) as Awaited<ReturnType<EngineContext['beginCall']>>;
    },
    endCall: async (end) => {
      const told = { ...end, response: bounded(end.response) };
      return (await link.call('engine.endCall', told)) as Awaited<ReturnType<EngineContext['endCall']>>;
    },
    callTool: async ({ runId, callId, tool, input, reason }) =>
      (await link.call('engine.callTool', { runId, callId, tool, input, reason })) as Awaited<
        ReturnType<EngineContext['callTool']>
      >,
  };
}

function bounded(given: unknown): unknown {
  const text = JSON.stringify(given) ?? 'null';
  const bytes = Buffer.byteLength(text);
  return bytes <= longestKept
    ? given
    : { cut: true, bytes, head: text.slice(0, headCharacters).toWellFormed() };
}

import { fault } from '../../fault/index.ts';
import type { ToolAnswer, ToolCall, ToolSpec } from '../contract.ts';
import { jsonSchemaOf } from '../json-schema.ts';
import type { Shelf } from './shelf.ts';

/** Characters of one answer, as JSON: more than any model is shown, and less than ends the link. */
const longestAnswer = 1024 * 1024;

/** What of a tool crosses; its function stays here, and so does its schema: what that makes of an input is done here. */
export function describeTool(tool: ToolSpec, shelf: Shelf): { readonly handle: number } {
  const { name, description, capability, sideEffects, parallel, routes, timeoutMs, maxBytes } = tool;
  const { snapshotField } = tool;
  const inputSchema = jsonSchemaOf(tool.input);
  if (inputSchema === undefined)
    throw fault('KORA_PLUGIN_INVALID', `the input of tool ${name} refers to itself; write it flat`);
  const handle = shelf.keep({
    run: (args, signal) =>
      runHere(tool, args as { readonly input: unknown; readonly call: ToolCall }, signal),
  });
  const words = { name, description, capability, sideEffects, parallel, routes, timeoutMs, maxBytes };
  const data = { ...words, inputSchema, ...(snapshotField === undefined ? {} : { snapshotField }) };
  return { handle, ...data };
}

async function runHere(
  tool: ToolSpec,
  { input, call }: { readonly input: unknown; readonly call: Omit<ToolCall, 'signal'> },
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const read = tool.input.safeParse(input);
  if (!read.success)
    throw fault('KORA_PLUGIN_INVALID', `the input does not fit ${tool.name}: ${read.error.message}`);
  const answer = await tool.run(read.data, { ...call, signal });
  const { content = null, ...rest } = answer;
  if ((JSON.stringify(content) ?? '').length > longestAnswer)
    throw fault(
      'KORA_PLUGIN_INVALID',
      `the answer of ${tool.name} is longer than ${longestAnswer} characters`,
    );
  return { ...rest, content };
}

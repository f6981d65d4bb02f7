import type { PluginContext, ToolSpec } from '../contract.ts';
import { rebuildSchema } from '../json-schema.ts';
import { parsed } from './arrivals.ts';
import type { Register, Remote } from './remote.ts';
import { tool, toolAnswer } from './tool-arrivals.ts';

/** A guest's tool on our side: the house keeps its time, its bounds and the door; the guest is asked to do it. */
export function toolRegistration(
  context: Pick<PluginContext<unknown>, 'registerTool'>,
  remote: Remote,
): Register {
  return async (params) => {
    const { handle, inputSchema, ...words } = parsed(tool, params);
    const registration = await context.registerTool({
      ...words,
      input: inputOf(words.name, inputSchema),
      run: async (input, { signal, ...call }) =>
        remote.call({ handle, member: 'run', args: { input, call }, answer: toolAnswer, signal }),
    });
    return { handle, registration };
  };
}

/** What a model is told is what the plugin wrote; of that, what is checked here leaves out the expressions. */
function inputOf(name: string, schema: Readonly<Record<string, unknown>>): ToolSpec['input'] {
  const { $schema: _draft, ...told } = schema;
  const rebuilt = rebuildSchema(`the input of tool ${name}`, schema);
  return rebuilt.meta(told) as ToolSpec['input'];
}

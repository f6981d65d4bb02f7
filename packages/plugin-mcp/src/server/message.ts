import type { McpTool, McpTurnedAway } from '@kora/runtime/plugin';
import { z } from 'zod';
import { offeredResources } from './resources.ts';
import { offeredTools } from './tools.ts';

const id = z.union([z.string(), z.number()]);
const requestSchema = z.looseObject({ id, method: z.string(), params: z.unknown().optional() });

/** A message that asks for an answer. */
export type Asking = z.infer<typeof requestSchema>;

/** Everything in a body that asks for an answer; none where it is no JSON-RPC: that is the protocol's to refuse. */
export function requestsIn(body: Uint8Array): readonly Asking[] {
  return [parsed(body)].flat().flatMap((each) => {
    const request = requestSchema.safeParse(each);
    return request.success ? [request.data] : [];
  });
}

const toolParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).catch({}).default({}),
});
const readParams = z.looseObject({ uri: z.string() });

/** What of it are calls, as the log may name them; undefined is a message of another kind. */
export function callIn({ method, params }: Asking): McpTurnedAway | undefined {
  if (method === 'tools/call') {
    const call = toolParams.safeParse(params).data;
    const offered = offeredTools.find(({ name }) => name === call?.name);
    const names = Object.keys(call?.arguments ?? {}).filter((name) =>
      Object.hasOwn(offered?.input.shape ?? {}, name),
    );
    return { tool: offered?.name, argumentNames: names };
  }
  if (method !== 'resources/read') return undefined;
  const uri = readParams.safeParse(params).data?.uri ?? '';
  return { tool: toolBehind(uri), argumentNames: [] };
}

/** By its address; a range of events is of the events, whatever the range. */
function toolBehind(uri: string): McpTool | undefined {
  const found = offeredResources.find((resource) => {
    const [fixed = ''] = resource.uri.split('{');
    return resource.isTemplate ? uri.startsWith(fixed) : uri === fixed;
  });
  return found?.tool;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // The protocol's own answer says so.
    return undefined;
  }
}

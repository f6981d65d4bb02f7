import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import { reasonRoutes } from './reason/index.ts';
import type { RegisteredTool } from './reason/index.ts';
import type { Rooms } from './rooms.ts';

type ToolRooms = Pick<Rooms, 'tools' | 'capabilities' | 'reason'>;

/** Which tools there are, and where the engine that serves is offered them. */
export function toolAnswers(rooms: ToolRooms): Pick<House, 'tools' | 'tool'> {
  const { tools, capabilities } = rooms;
  return {
    tools: async ({ route }) => {
      const rows = await Promise.all(tools.registry.list().map((tool) => rowOf(rooms, tool)));
      return route === undefined ? rows : rows.filter(({ offeredOn }) => offeredOn.includes(route));
    },
    tool: async (name) => {
      const tool = tools.registry.get(name);
      if (tool === undefined)
        throw fault('KORA_TOOL_UNKNOWN', `there is no tool ${name}`, { fix: 'kora tool list' });
      const grants = await capabilities.grants();
      const mine = grants.filter(({ capability }) => capability === tool.spec.capability);
      return {
        ...(await rowOf(rooms, tool)),
        inputSchema: { ...tool.view.inputSchema },
        grantedTo: mine.map(({ kind, subject }) => `${kind}:${subject}`),
      };
    },
  };
}

async function rowOf({ tools, reason }: ToolRooms, tool: RegisteredTool): Promise<shape.ToolRow> {
  const { spec, owner, view, timeoutMs, maxBytes } = tool;
  const caller = reason.engines.choice().engine?.owner ?? null;
  const offered = await Promise.all(
    reasonRoutes.map(async (route) => {
      const isOffered = caller !== null && (await tools.isOffered(spec.name, { route, caller }));
      return isOffered ? [route] : [];
    }),
  );
  return {
    name: spec.name,
    owner,
    description: view.description,
    capability: spec.capability,
    sideEffects: spec.sideEffects,
    parallel: view.parallel,
    timeoutMs,
    maxBytes,
    offeredTo: caller,
    offeredOn: offered.flat(),
  };
}

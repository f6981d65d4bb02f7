import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import { reasonRoutes } from './reason/index.ts';
import type { ReasonRoute, RegisteredTool } from './reason/index.ts';
import type { Rooms } from './rooms.ts';

type ToolRooms = Pick<Rooms, 'tools' | 'capabilities' | 'reason'>;

/** Which tools there are, and where the engine that serves is offered them. */
export function toolAnswers(rooms: ToolRooms): Pick<House, 'tools' | 'tool'> {
  const { tools, capabilities } = rooms;
  return {
    tools: async ({ route }) => {
      const offers = await offersOf(rooms);
      const rows = tools.registry.list().map((tool) => rowOf(offers, tool));
      return route === undefined ? rows : rows.filter(({ offeredOn }) => offeredOn.includes(route));
    },
    tool: async (name) => {
      const tool = tools.registry.get(name);
      if (tool === undefined)
        throw fault('KORA_TOOL_UNKNOWN', `there is no tool ${name}`, { fix: 'kora tool list' });
      const grants = await capabilities.grants();
      const mine = grants.filter(({ capability }) => capability === tool.spec.capability);
      return {
        ...rowOf(await offersOf(rooms), tool),
        inputSchema: { ...tool.view.inputSchema },
        grantedTo: mine.map(({ kind, subject }) => `${kind}:${subject}`),
      };
    },
  };
}

/** On which routes the engine that serves is offered what. */
interface Offers {
  readonly caller: string | null;
  readonly byRoute: readonly { readonly route: ReasonRoute; readonly names: ReadonlySet<string> }[];
}

async function offersOf({ tools, reason }: ToolRooms): Promise<Offers> {
  const caller = reason.engines.choice().engine?.owner ?? null;
  if (caller === null) return { caller, byRoute: [] };
  const byRoute = await Promise.all(
    reasonRoutes.map(async (route) => {
      const views = await tools.advertised({ route, caller });
      return { route, names: new Set(views.map(({ name }) => name)) };
    }),
  );
  return { caller, byRoute };
}

function rowOf({ caller, byRoute }: Offers, tool: RegisteredTool): shape.ToolRow {
  const { spec, owner, view, timeoutMs, maxBytes } = tool;
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
    offeredOn: byRoute.flatMap(({ route, names }) => (names.has(spec.name) ? [route] : [])),
  };
}

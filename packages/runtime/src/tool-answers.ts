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
  readonly byRoute: readonly {
    readonly route: ReasonRoute;
    readonly names: ReadonlySet<string>;
    readonly trimmed: ReadonlySet<string>;
  }[];
}

async function offersOf({ tools, reason }: ToolRooms): Promise<Offers> {
  const caller = reason.engines.choice().engine?.owner ?? null;
  if (caller === null) return { caller, byRoute: [] };
  const byRoute = await Promise.all(
    reasonRoutes.map(async (route) => {
      const granted = await tools.granted({ route, caller });
      const names = new Set(tools.trims.rest(route, granted).map(({ name }) => name));
      const trimmed = granted.flatMap(({ name }) => (names.has(name) ? [] : [name]));
      return { route, names, trimmed: new Set(trimmed) };
    }),
  );
  return { caller, byRoute };
}

function rowOf({ caller, byRoute }: Offers, tool: RegisteredTool): shape.ToolRow {
  const { spec, owner, view, timeoutMs, maxBytes } = tool;
  const { name, snapshotField } = spec;
  const trimmedOn = byRoute.flatMap(({ route, trimmed }) => (trimmed.has(name) ? [route] : []));
  return {
    name,
    owner,
    description: view.description,
    capability: spec.capability,
    sideEffects: spec.sideEffects,
    parallel: view.parallel,
    timeoutMs,
    maxBytes,
    offeredTo: caller,
    offeredOn: byRoute.flatMap(({ route, names }) => (names.has(name) ? [route] : [])),
    ...(trimmedOn.length === 0 ? {} : { trimmedOn }),
    ...(snapshotField === undefined ? {} : { snapshotField }),
  };
}

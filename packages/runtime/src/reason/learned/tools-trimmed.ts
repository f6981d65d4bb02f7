import { z } from 'zod';
import { reasonRoutes } from '../route/contract.ts';
import type { ReasonRoute } from '../route/contract.ts';
import type { ToolView } from '../tool/contract.ts';
import { fewestOffered, isOfFloor } from '../tool/floor.ts';
import type { RegisteredTool } from '../tool/registry.ts';
import { restOf } from '../tool/trims.ts';
import type { Trims } from '../tool/trims.ts';
import type { ChangeKindSpec, ChangeLine, ChangePlace, ChangeSeen } from './contract.ts';
import { toolsTrimmedKind } from './kind-names.ts';
import { unreadable } from './seen.ts';

export interface ToolsTrimmedPorts {
  readonly trims: Pick<Trims, 'take' | 'of'>;
  readonly tools: {
    get(name: string): RegisteredTool | undefined;
    list(): readonly RegisteredTool[];
  };
  /** What the engine that serves may use on a route before anything is trimmed. Throws what the store throws. */
  readonly granted: (route: ReasonRoute) => Promise<readonly ToolView[]>;
  /** Micro-dollars for a million tokens of input, of the cheapest model that serves; null where nobody said. */
  readonly inputPrice: () => number | null;
}

const value = z.strictObject({ without: z.array(z.string().min(1).max(64)).min(1).max(200) });

/** The tools that are not offered on a route: key is the route. */
export function toolsTrimmedOf(ports: ToolsTrimmedPorts): ChangeKindSpec {
  return {
    kind: toolsTrimmedKind,
    means: 'tools that are not offered on a route, because nobody used them there',
    value,
    examine: (change) => examine(ports, change),
    take: async (overlays) =>
      ports.trims.take(
        new Map(
          overlays.flatMap((overlay) => {
            const parsed = value.safeParse(overlay.value);
            const route = routeOf(overlay.key);
            return parsed.success && route !== undefined ? [[route, new Set(parsed.data.without)]] : [];
          }),
        ),
      ),
    places: async () => reasonRoutes.map((route) => placeOf(ports, route)),
  };
}

function routeOf(key: string): ReasonRoute | undefined {
  return reasonRoutes.find((route) => route === key);
}

function placeOf({ trims, tools, inputPrice }: ToolsTrimmedPorts, route: ReasonRoute): ChangePlace {
  const without = [...trims.of(route)].sort();
  const there = tools.list().filter(({ spec }) => spec.routes === undefined || spec.routes.includes(route));
  return {
    key: route,
    value: without.length === 0 ? null : { without },
    facts: {
      inputMicroUsdPerMillion: inputPrice(),
      fewest: fewestOffered,
      tools: there.map(({ spec: { name }, view }) => ({
        name,
        floor: isOfFloor(route, name),
        characters: view.description.length + JSON.stringify(view.inputSchema).length,
      })),
    },
  };
}

async function examine(
  ports: ToolsTrimmedPorts,
  change: { readonly key: string; readonly value: unknown },
): Promise<ChangeSeen> {
  const route = routeOf(change.key);
  const title = `Fewer tools on ${change.key}`;
  if (route === undefined) return unreadable(title, `there is no route ${change.key}`);
  const parsed = value.safeParse(change.value);
  if (!parsed.success) return unreadable(title, z.prettifyError(parsed.error));
  const without = new Set(parsed.data.without);
  const before = ports.trims.of(route);
  const granted = await ports.granted(route);
  const left = restOf(route, granted, without).length;
  const does = [...without].some((name) => ports.tools.get(name)?.spec.sideEffects !== 'none');
  return {
    title: `${without.size} tools are not offered on ${route}`,
    // Not to read by a tool costs a worse answer; not to act by it, an act.
    risk: does ? 'high' : 'low',
    lines: linesOf(before, without),
    blastRadius: `whoever thinks on ${route} is offered ${left} tools of ${granted.length}`,
    refusal: refusalOf(ports, { route, without, before, granted }) ?? null,
  };
}

interface Wanted {
  readonly route: ReasonRoute;
  readonly without: ReadonlySet<string>;
  readonly before: ReadonlySet<string>;
  readonly granted: readonly ToolView[];
}

function refusalOf({ tools }: ToolsTrimmedPorts, wanted: Wanted): string | undefined {
  const { route, without, before, granted } = wanted;
  for (const name of [...without].sort()) {
    if (isOfFloor(route, name)) return `${name} is never trimmed on ${route}`;
    // What is trimmed already stays so while its plugin is away.
    if (tools.get(name) === undefined && !before.has(name)) return `there is no tool ${name}`;
  }
  const kept = granted.filter(({ name }) => !without.has(name)).length;
  if (granted.length > 0 && kept < Math.min(fewestOffered, granted.length))
    return `${kept} tools would be left on ${route}, and ${fewestOffered} are the fewest`;
  return undefined;
}

function linesOf(before: ReadonlySet<string>, after: ReadonlySet<string>): ChangeLine[] {
  const said = (set: ReadonlySet<string>, name: string): string =>
    set.has(name) ? 'not offered' : 'offered';
  return [...new Set([...before, ...after])].sort().flatMap((path) => {
    const line = { path, before: said(before, path), after: said(after, path) };
    return line.before === line.after ? [] : [line];
  });
}

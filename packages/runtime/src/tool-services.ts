import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { ToolSpec } from './reason/index.ts';
import type { Rooms } from './rooms.ts';

/** What one plugin brings to whoever thinks, and the files it keeps: each under its name. */
export function toolServices(
  { tools, artifacts }: Pick<Rooms, 'tools' | 'artifacts'>,
  owner: PluginOwner,
): Pick<HouseServices, 'registerTool' | 'artifacts'> {
  return {
    registerTool: async (tool) => {
      // What it takes is parsed by its own schema before it is called.
      const unregister = tools.registry.register(tool as unknown as ToolSpec, owner);
      return { dispose: async () => unregister() };
    },
    artifacts: {
      put: (artifact) => artifacts.put(artifact, owner),
      get: (artifactId) => artifacts.get(artifactId),
      list: ({ limit } = {}) => artifacts.list({ madeBy: owner.id, limit }),
    },
  };
}

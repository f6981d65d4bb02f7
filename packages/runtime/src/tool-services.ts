import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';

/** What one plugin brings to whoever thinks, and the files it keeps: each under its name. */
export function toolServices(
  { tools, artifacts }: Pick<Rooms, 'tools' | 'artifacts'>,
  owner: PluginOwner,
): Pick<HouseServices, 'registerTool' | 'artifacts'> {
  return {
    registerTool: async (tool) => {
      const unregister = tools.registry.register(tool, owner);
      return { dispose: async () => unregister() };
    },
    artifacts: {
      put: (artifact) => artifacts.put(artifact, owner),
      get: (artifactId) => artifacts.get(artifactId),
      list: ({ limit } = {}) => artifacts.list({ madeBy: owner.id, limit }),
    },
  };
}

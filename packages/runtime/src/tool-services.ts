import { unknownArtifact } from './artifact/index.ts';
import type { HandedFiles } from './handed-files.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { ToolSpec } from './reason/index.ts';
import type { Rooms } from './rooms.ts';

/** What one plugin brings to whoever thinks, and the files it keeps or was handed: each under its name. */
export function toolServices(
  { tools, artifacts }: Pick<Rooms, 'tools' | 'artifacts'>,
  owner: PluginOwner,
  handed: Pick<HandedFiles, 'has'>,
): Pick<HouseServices, 'registerTool' | 'artifacts'> {
  // Their ids stand in events, which every plugin may read: to an untrusted one a name is no leave.
  const mayRead = async (artifactId: string): Promise<boolean> =>
    owner.trusted || handed.has(artifactId) || (await artifacts.find(artifactId)).madeBy === owner.id;
  return {
    registerTool: async (tool) => {
      // What it takes is parsed by its own schema before it is called.
      const unregister = tools.registry.register(tool as unknown as ToolSpec, owner);
      return { dispose: async () => unregister() };
    },
    artifacts: {
      put: (artifact) => artifacts.put(artifact, owner),
      get: async (artifactId) => {
        if (await mayRead(artifactId)) return artifacts.get(artifactId);
        throw unknownArtifact(artifactId);
      },
      list: ({ limit } = {}) => artifacts.list({ madeBy: owner.id, limit }),
    },
  };
}

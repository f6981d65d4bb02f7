import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface IdentityFacts {
  readonly name: string;
  readonly pluginName: string;
  readonly agentName: string;
  readonly agentVersion: string;
  readonly hash: string;
}

const schema = z.object({
  name: z.string(),
  plugin: z.string(),
  agent_name: z.string(),
  agent_version: z.string(),
  hash: z.string(),
});

/** Who speaks. Throws while that is ambiguous. */
export function identity(read: () => Promise<IdentityFacts>): SnapshotSection {
  return {
    name: 'identity',
    schema,
    read: async () => {
      const { name, pluginName, agentName, agentVersion, hash } = await read();
      return {
        name,
        plugin: pluginName,
        agent_name: agentName,
        agent_version: agentVersion,
        hash,
      } satisfies z.infer<typeof schema>;
    },
  };
}

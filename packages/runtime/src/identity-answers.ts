import { KoraError, messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import { readChoice } from './identity/index.ts';
import type { ResolvedIdentity } from './identity/index.ts';
import type { Rooms } from './rooms.ts';

/** Every identity that claims the workspace, and which of them is its own; with those that could not say. */
export async function identityRows(ground: Ground, rooms: Rooms): Promise<shape.IdentityRow[]> {
  const { claims, broken } = await rooms.identities.look(rooms.workspace.name);
  const active = await whoSpeaks(ground, rooms);
  return [
    ...claims.map(({ name, pluginName, metadata, hash, soulMd, systemPrompt }) => ({
      name,
      pluginName,
      active: name === active,
      agentName: metadata.agentName,
      agentVersion: metadata.agentVersion,
      hash,
      soulMd,
      systemPrompt,
      problem: null,
    })),
    ...broken.map(({ name, pluginName, error }) => ({
      ...nobody,
      name,
      pluginName,
      problem: messageOf(error),
    })),
  ];
}

const nobody = { active: false, agentName: '', agentVersion: '', hash: '', soulMd: '', systemPrompt: '' };

/** The name of the identity in force; null while the choice is ambiguous or the chosen one is gone. */
export async function whoSpeaks(ground: Ground, rooms: Rooms): Promise<string | null> {
  try {
    return (await resolveIdentity(ground, rooms)).name;
  } catch (error) {
    if (error instanceof KoraError && error.code.startsWith('KORA_IDENTITY_')) return null;
    throw error;
  }
}

/** Throws KORA_IDENTITY_AMBIGUOUS or KORA_IDENTITY_UNKNOWN with the command that mends it. */
export async function resolveIdentity(
  ground: Ground,
  rooms: Pick<Rooms, 'database' | 'workspace' | 'identities'>,
): Promise<ResolvedIdentity> {
  const { database, workspace, identities } = rooms;
  const chosen = await readChoice(database, workspace.workspaceId);
  const { order } = ground.configuration.config.identity;
  return identities.resolve({ workspace: workspace.name, chosen, order });
}

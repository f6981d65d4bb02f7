import { readSentinel } from './control/index.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { readControl } from './state/index.ts';

/** Who stops this runtime, how hard and why: of the commands of its workspace and what lies in its home, the strictest. */
export async function strictestStop(
  { home }: { readonly home: Pick<Ground['home'], 'directory'> },
  {
    database,
    workspace,
  }: Pick<Rooms, 'database'> & { readonly workspace: Pick<Rooms['workspace'], 'workspaceId'> },
): Promise<shape.StopInForce | null> {
  const [command] = (await readControl(database, workspace.workspaceId)).commands;
  const sentinel = readSentinel(home.directory);
  if (sentinel !== undefined && sentinel.level > (command?.level ?? 0)) {
    const { level, reason, by, at: since } = sentinel;
    return { level, reason, by, via: 'sentinel', since, expiresAt: null };
  }
  if (command === undefined) return null;
  const { level, reason, issuerActor: by, via, createdAt: since, expiresAt } = command;
  return { level, reason, by, via, since, expiresAt };
}

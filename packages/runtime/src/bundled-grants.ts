import { messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { PluginIndex } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

/**
 * What comes with the runtime is granted what its manifest asks for, once: whoever installed the one agreed to the other.
 * Each grant is an event and can be taken back; what was granted before, and whatever became of it, is not granted again.
 */
export async function grantBundled(
  { log }: Ground,
  { capabilities }: Pick<Rooms, 'capabilities'>,
  { rows }: PluginIndex,
): Promise<void> {
  const asking = rows.filter(
    ({ origin, trusted, state, manifest }) =>
      origin === 'bundled' && trusted && state === 'indexed' && (manifest?.capabilities.length ?? 0) > 0,
  );
  if (asking.length === 0) return;
  const before = await capabilities.everGranted(asking.map(({ id }) => id));
  for (const { id, manifest } of asking) {
    for (const capability of manifest?.capabilities ?? []) {
      if (before.has(`${id} ${capability}`)) continue;
      const grant = { kind: 'plugin', subject: id, by: operatorActor, reason: 'it comes with kora' } as const;
      await capabilities.grant(capability, grant).catch((error: unknown) => {
        log.warn(`plugin ${id} is not granted ${capability}`, { error: messageOf(error) });
      });
    }
  }
}

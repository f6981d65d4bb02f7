import { fault } from '../fault/index.ts';
import type { RegisteredDaemon } from './registry.ts';

/**
 * Levels of daemons: each level needs only earlier ones. A daemon that needs one which does not exist, or itself by way
 * of others, cannot be placed: it comes back in `impossible` with the reason, and the others start without it.
 */
export interface StartOrder {
  readonly levels: readonly (readonly RegisteredDaemon[])[];
  readonly impossible: readonly { readonly daemon: RegisteredDaemon; readonly error: Error }[];
}

export function startOrder(daemons: readonly RegisteredDaemon[], running: ReadonlySet<string>): StartOrder {
  const placed = new Set(running);
  const levels: RegisteredDaemon[][] = [];
  let left = [...daemons];
  while (left.length > 0) {
    const level = left.filter((daemon) => (daemon.dependsOn ?? []).every((name) => placed.has(name)));
    if (level.length === 0) break;
    levels.push(level);
    for (const { name } of level) placed.add(name);
    left = left.filter((daemon) => !placed.has(daemon.name));
  }
  const names = new Set(daemons.map(({ name }) => name));
  return { levels, impossible: left.map((daemon) => ({ daemon, error: whyNot(daemon, names, placed) })) };
}

function whyNot(daemon: RegisteredDaemon, names: ReadonlySet<string>, placed: ReadonlySet<string>): Error {
  const waitsFor = (daemon.dependsOn ?? []).filter((name) => !placed.has(name));
  const missing = waitsFor.filter((name) => !names.has(name));
  const reason =
    missing.length > 0
      ? `needs ${missing.join(', ')}, which nobody registered`
      : `waits for ${waitsFor.join(', ')} in a circle`;
  return fault('KORA_DAEMON_DEPENDS', `daemon ${daemon.name} of plugin ${daemon.pluginName} ${reason}`);
}

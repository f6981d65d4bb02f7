import type { ChainEvent } from '@kora/runtime/plugin';
import type { Change } from './contract.ts';

/** What Kora itself was told or did that changes how a thing is run. */
const changing: Readonly<Record<string, string>> = {
  'kora.plugin.state_changed': 'a plugin changed its state',
  'tool.probe_autofix_attempted': 'a fix was tried',
  'kora.boot.ready': 'Kora booted',
};

/** Events of the chain that set something anew, as changes of what they name; others say nothing about the world. */
export function configurationEvents(events: readonly ChainEvent[]): readonly Change[] {
  return events.flatMap((event): Change[] => {
    const what = Object.hasOwn(changing, event.type) ? changing[event.type] : undefined;
    if (what === undefined) return [];
    const { target, plugin } = event.payload;
    const named = typeof target === 'string' ? `service:${target}` : 'service:kora';
    return [
      {
        id: `change:${event.seq}`,
        at: Date.parse(event.occurredAt),
        entity: named,
        what: typeof plugin === 'string' ? `${what}: ${plugin}` : what,
        by: event.actorId,
      },
    ];
  });
}

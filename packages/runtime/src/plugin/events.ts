import { z } from 'zod';
import { classified } from '../chain/index.ts';
import type { EventType } from './contract.ts';
import { changeEvents } from './change-events.ts';
import type { PluginReason } from './reason.ts';
import { reasonCodes } from './reason.ts';
import { storeEvents } from './store/events.ts';

/**
 * The life of a plugin: `indexed`, then `incompatible` or `denied` (its code never runs), or `parked` until
 * the operator agrees to what it asks for, else `loading` until its daemons have started, `loaded`, and `proven` after its
 * first real tick. What goes wrong makes it `degraded` until a
 * later start has succeeded, and `quarantined` when it keeps dying; `draining` and `stopped` when it goes.
 */
export const pluginStates = [
  'indexed',
  'incompatible',
  'denied',
  'parked',
  'loading',
  'loaded',
  'proven',
  'degraded',
  'quarantined',
  'draining',
  'stopped',
] as const;

export type PluginState = (typeof pluginStates)[number];

const stateChanged = classified({
  public: {
    plugin: z.string(),
    version: z.string(),
    from: z.enum(pluginStates),
    to: z.enum(pluginStates),
    reason_code: z.enum(reasonCodes).optional(),
  },
  internal: { reason: z.string().optional() },
});

export type StateChanged = z.infer<typeof stateChanged>;

/** The room's words on the chain. */
export const pluginEvents: readonly EventType[] = [
  {
    type: 'kora.plugin.state_changed',
    version: 1,
    payload: stateChanged,
    means: 'A plugin moved from one state to another, or stays degraded for another reason.',
  },
  ...changeEvents,
  ...storeEvents,
];

/** The payload of a change; a reason's fix is advice for now and is not recorded. */
export function changeOf(
  plugin: { readonly id: string; readonly version: string },
  states: { readonly from: PluginState; readonly to: PluginState },
  reason: PluginReason | undefined,
): StateChanged {
  return {
    plugin: plugin.id,
    version: plugin.version,
    ...states,
    ...(reason === undefined ? {} : { reason_code: reason.code, reason: reason.message }),
  };
}

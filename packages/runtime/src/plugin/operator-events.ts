import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const changed = classified({
  public: {
    plugin: z.string(),
    /** Keys whose value became another; what they hold is not recorded. */
    keys: z.array(z.string()),
    from_hash: z.string(),
    to_hash: z.string(),
  },
  internal: { reason: z.string() },
});
export const configChanged: EventType<z.infer<typeof changed>> = eventType(
  'kora.plugin.config_changed',
  'The operator wrote another configuration of a plugin into kora.json.',
  changed,
);

const acted = classified({
  public: {
    plugin: z.string(),
    panel: z.string(),
    action: z.string(),
    outcome: z.enum(['ok', 'failed']),
    duration_ms: z.number(),
  },
  internal: { reason: z.string(), error: z.string().nullable() },
});
export const panelActed: EventType<z.infer<typeof acted>> = eventType(
  'kora.plugin.panel_action',
  'The operator asked for an action on a panel of a plugin, and it came to an end; what was filled in is not recorded.',
  acted,
);

/** What the operator does to a plugin. */
export const operatorEvents: readonly EventType[] = [configChanged, panelActed];

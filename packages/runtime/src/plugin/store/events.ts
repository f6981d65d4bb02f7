import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const migrated = classified({
  public: {
    plugin: z.string(),
    version: z.string(),
    schema: z.string(),
    applied: z.array(z.number().int().positive()),
  },
});
export const pluginMigrated: EventType<z.infer<typeof migrated>> = eventType(
  'kora.plugin.migrated',
  "A plugin's own tables were brought up to what its version knows.",
  migrated,
);

const purged = classified({
  public: {
    plugin: z.string(),
    schema: z.string(),
    tables: z.number().int().nonnegative(),
    role_dropped: z.boolean(),
  },
});
export const pluginPurged: EventType<z.infer<typeof purged>> = eventType(
  'kora.plugin.purged',
  "A plugin's own tables were removed, with everything in them.",
  purged,
);

/** What happens to the tables that plugins keep. */
export const storeEvents: readonly EventType[] = [pluginMigrated, pluginPurged];

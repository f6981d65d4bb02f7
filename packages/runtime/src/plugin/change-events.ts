import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { reasonCodes } from './reason.ts';

const which = { plugin: z.string(), package: z.string(), version: z.string() };
const capabilities = z.array(z.string());

const added = classified({ public: { ...which, capabilities }, internal: {} });
export const pluginAdded: EventType<z.infer<typeof added>> = eventType(
  'kora.plugin.added',
  'A plugin was installed while the runtime ran, and let in.',
  added,
);

const removed = classified({
  public: { ...which, reason_code: z.enum(reasonCodes).optional() },
  internal: {},
});
export const pluginRemoved: EventType<z.infer<typeof removed>> = eventType(
  'kora.plugin.removed',
  'A plugin that is not installed any more, or is denied, was taken down while the runtime ran.',
  removed,
);

const upgraded = classified({ public: { ...which, from_version: z.string() }, internal: {} });
export const pluginUpgraded: EventType<z.infer<typeof upgraded>> = eventType(
  'kora.plugin.upgraded',
  'Another version of a plugin took the place of the one that ran; its configuration and data were kept.',
  upgraded,
);

const refused = classified({
  public: {
    ...which,
    reason_code: z.enum(reasonCodes),
    /** The version that serves instead; absent when none does. */
    serving: z.string().optional(),
  },
  internal: { reason: z.string() },
});
export const pluginUpgradeRefused: EventType<z.infer<typeof refused>> = eventType(
  'kora.plugin.upgrade_refused',
  'Another version of a plugin was not let in, or did not come up; the one that ran serves on where it still can.',
  refused,
);

const waiting = classified({
  public: { ...which, reason_code: z.enum(reasonCodes), serving: z.string().optional() },
  internal: { reason: z.string() },
});
export const pluginRestartNeeded: EventType<z.infer<typeof waiting>> = eventType(
  'kora.plugin.restart_needed',
  'What is installed of a trusted plugin changed; it shares the process of the runtime and changes with its next start.',
  waiting,
);

const parked = classified({
  public: { ...which, asks: capabilities, serving: z.string().optional() },
  internal: {},
});
export const pluginParked: EventType<z.infer<typeof parked>> = eventType(
  'kora.plugin.parked',
  'A version of a plugin asks for more capabilities than were approved; it waits for the operator.',
  parked,
);

const approved = classified({ public: { ...which, capabilities }, internal: { reason: z.string() } });
export const pluginApproved: EventType<z.infer<typeof approved>> = eventType(
  'kora.plugin.approved',
  'The operator agreed to the capabilities that a version of a plugin asks for.',
  approved,
);

const forgotten = classified({ public: which, internal: { reason: z.string() } });
export const pluginForgotten: EventType<z.infer<typeof forgotten>> = eventType(
  'kora.plugin.forgotten',
  'The operator had what a removed plugin kept taken away; nothing of it is approved any more.',
  forgotten,
);

/** What becomes of plugins while a runtime runs. */
export const changeEvents: readonly EventType[] = [
  pluginAdded,
  pluginRemoved,
  pluginUpgraded,
  pluginUpgradeRefused,
  pluginRestartNeeded,
  pluginParked,
  pluginApproved,
  pluginForgotten,
];

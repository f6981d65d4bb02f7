import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const kept = classified({
  public: {
    artifact: z.string(),
    sha256: z.string(),
    bytes: z.number(),
    media_type: z.string(),
    made_by: z.string(),
  },
  internal: { name: z.string() },
});
export const artifactStored: EventType<z.infer<typeof kept>> = eventType(
  'kora.artifact.stored',
  'A file was taken into the store; messages and tools may name it from now on.',
  kept,
);

const removed = classified({
  public: { artifact: z.string(), sha256: z.string() },
  internal: { name: z.string(), reason: z.string() },
});
export const artifactRemoved: EventType<z.infer<typeof removed>> = eventType(
  'kora.artifact.removed',
  'The operator removed a kept file before its time; its hash stays on the chain.',
  removed,
);

const expired = classified({ public: { artifacts: z.number(), bytes: z.number() } });
export const artifactsExpired: EventType<z.infer<typeof expired>> = eventType(
  'kora.artifact.expired',
  'The time of kept files was over, and they left the store.',
  expired,
);

export const artifactEvents: readonly EventType[] = [artifactStored, artifactRemoved, artifactsExpired];

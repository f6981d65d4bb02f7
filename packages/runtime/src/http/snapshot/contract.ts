import { z } from 'zod';

/** How everything stood at one moment; a section that could not be read is the word `unknown`. */
const takenSchema = z.looseObject({
  schema_version: z.number(),
  computed_at: z.string(),
  runtime_id: z.string(),
});

export const reasonSnapshotSchema = z.object({
  /** Null before the first one was taken. */
  snapshot: takenSchema.nullable(),
  /** Not older than ten minutes: only then anything is answered from it. */
  fresh: z.boolean(),
  ageMs: z.number().nullable(),
  /** What a reply of the phrasebook may hold. */
  placeholders: z.array(z.string()),
});

export const keptSnapshotSchema = z.object({ snapshotId: z.number(), snapshot: takenSchema });

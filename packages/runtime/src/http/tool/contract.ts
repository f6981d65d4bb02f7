import { z } from 'zod';

/** Something that whoever thinks may ask for. */
export const toolSchema = z.object({
  name: z.string(),
  /** Plugin that brought it, or `kora`. */
  owner: z.string(),
  description: z.string(),
  capability: z.string(),
  sideEffects: z.enum(['none', 'idempotent', 'once']),
  /** May run beside others of the same answer. */
  parallel: z.boolean(),
  timeoutMs: z.number(),
  maxBytes: z.number(),
  /** The plugin whose engine serves; null while nobody thinks here. */
  offeredTo: z.string().nullable(),
  /** Where that one is offered it now. */
  offeredOn: z.array(z.string()),
  /** Where it is not offered because that was learned. */
  trimmedOn: z.array(z.string()).optional(),
  /** The field or section of the snapshot that says the same. */
  snapshotField: z.string().optional(),
});

export const toolDetailSchema = toolSchema.extend({
  /** Of its input, in JSON Schema. */
  inputSchema: z.record(z.string(), z.unknown()),
  /** Who has its capability: `plugin:reasoning`, `route:email_inbound`. */
  grantedTo: z.array(z.string()),
});

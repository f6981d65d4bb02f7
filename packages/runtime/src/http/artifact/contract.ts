import { z } from 'zod';

const iso = z.string();

/** A file that is kept in the store, without its bytes. */
export const artifactSchema = z.object({
  artifactId: z.string(),
  name: z.string(),
  type: z.string(),
  /** Bytes. */
  size: z.number(),
  /** Hex. */
  sha256: z.string(),
  /** The plugin that made it, or `kora`. */
  madeBy: z.string(),
  ticketId: z.number().nullable(),
  createdAt: iso,
  /** Null: until it is removed. */
  expiresAt: iso.nullable(),
});

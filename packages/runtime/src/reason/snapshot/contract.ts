import type { z } from 'zod';

/** The fifth shape: what changes the meaning of a field raises it, and a snapshot of another shape is not read. */
export const snapshotVersion = 5;

/**
 * How everything stood at one moment, in sections that were each read by themselves. A section that could not be read is
 * the word `unknown`; a field that is not known is null. No text of strangers is in it: a model is shown it as it is.
 */
export interface Snapshot {
  readonly schema_version: typeof snapshotVersion;
  /** ISO 8601, by the clock of the runtime whose it is. */
  readonly computed_at: string;
  readonly runtime_id: string;
  readonly [section: string]: unknown;
}

/** A part of the snapshot: what it says, and how that is read. */
export interface SnapshotSection {
  /** `^[a-z][a-z0-9_]*$`; what `{snapshot.NAME.field}` begins with. */
  readonly name: string;
  /** Of an object whose scalar fields, and lists of scalars by name, can be placeholders. */
  readonly schema: z.ZodObject;
  /** Reads it now. What it throws, and what does not fit the schema, makes this section `unknown` and no other. */
  read(signal: AbortSignal): Promise<object> | object;
}

/** A snapshot as it is kept. */
export interface KeptSnapshot {
  readonly snapshotId: number;
  readonly snapshot: Snapshot;
}

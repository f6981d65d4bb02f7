import type { z } from 'zod';
import type { keptSnapshotSchema, reasonSnapshotSchema } from './contract.ts';

export type ReasonSnapshot = z.infer<typeof reasonSnapshotSchema>;
export type KeptSnapshotRow = z.infer<typeof keptSnapshotSchema>;

/** The API's questions about what whoever thinks is shown of the whole. */
export interface SnapshotHouse {
  /** As it was taken last; `now` takes it first. */
  reasonSnapshot(query: { readonly now: boolean }): Promise<ReasonSnapshot>;
  /** Those of the last day, newest first. */
  keptSnapshots(limit: number): Promise<KeptSnapshotRow[]>;
  /** Throws KORA_NOT_FOUND. */
  keptSnapshot(snapshotId: number): Promise<KeptSnapshotRow>;
}

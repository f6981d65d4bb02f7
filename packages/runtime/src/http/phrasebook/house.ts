import type { z } from 'zod';
import type {
  phrasebookPreviewSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
} from './contract.ts';

export type PhrasebookView = z.infer<typeof phrasebookSchema>;
export type PhrasebookVersionRow = z.infer<typeof phrasebookVersionSchema>;
export type PhrasebookTest = z.infer<typeof phrasebookTestSchema>;
export type PhrasebookPreview = z.infer<typeof phrasebookPreviewSchema>;

/** The API's questions about what is answered for nothing. */
export interface PhrasebookHouse {
  /** The version in force, or another one. Throws KORA_NOT_FOUND. */
  phrasebook(query: { readonly version?: number | undefined }): Promise<PhrasebookView>;
  /** Newest first. */
  phrasebookHistory(limit: number): Promise<PhrasebookVersionRow[]>;
  testPhrasebook(text: string): Promise<PhrasebookTest>;
  /** Throws KORA_PHRASEBOOK_INVALID. */
  previewPhrasebook(request: {
    readonly overlay: readonly unknown[];
    readonly limit?: number | undefined;
  }): Promise<PhrasebookPreview>;
  /** Throws KORA_PHRASEBOOK_INVALID, KORA_PHRASEBOOK_CHANGED. */
  editPhrasebook(request: PhrasebookMutation & EditWish): Promise<PhrasebookVersionRow>;
  revertPhrasebook(
    request: PhrasebookMutation & { readonly to?: number | undefined },
  ): Promise<PhrasebookVersionRow>;
}

/** Said with a reason, and once for its key. */
interface PhrasebookMutation {
  readonly reason: string;
  readonly idempotencyKey?: string | undefined;
}

interface EditWish {
  readonly overlay: readonly unknown[];
  readonly expectedVersion?: number | undefined;
}

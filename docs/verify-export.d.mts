// What verify-export.mjs answers, for whoever calls it from TypeScript.

export interface ExportVerdict {
  readonly ok: boolean;
  readonly workspace: string;
  readonly from: number;
  readonly to: number;
  readonly checked: number;
  readonly firstBadSeq?: number;
  readonly problem?: string;
  readonly detail?: string;
  readonly completeness: {
    readonly redacted: number;
    readonly prunedThrough: number;
    readonly checkpoints: number;
    readonly checkpointedThrough: number;
  };
  /** Whether keys were given that do not come from the file itself. */
  readonly pinned: boolean;
}

/** Throws when the lines are no export. */
export function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  keys?: readonly string[],
): Promise<ExportVerdict>;

/** What docs/verify-export.mjs answers. It is plain JavaScript, so that anyone can run it: its types are said here. */
export interface ExportVerdict {
  readonly ok: boolean;
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
  readonly pinned: boolean;
}

type VerifyExport = (lines: Iterable<string>, keys?: readonly string[]) => Promise<ExportVerdict>;

export const scriptFile: URL = new URL('../../../../../../docs/verify-export.mjs', import.meta.url);

/** The script that people run, as it lies in the documentation. */
export async function loadExportScript(): Promise<VerifyExport> {
  const { verifyExport } = (await import(scriptFile.href)) as { readonly verifyExport: VerifyExport };
  return verifyExport;
}

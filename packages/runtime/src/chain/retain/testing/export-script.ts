import { verifyExport } from '../../../../../../docs/verify-export.mjs';

export type { ExportVerdict } from '../../../../../../docs/verify-export.mjs';
export { verifyExport };

/** The script that people run, as it lies in the documentation. */
export const scriptFile: URL = new URL('../../../../../../docs/verify-export.mjs', import.meta.url);

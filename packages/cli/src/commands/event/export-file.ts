import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { ExportVerdict } from '../../../../../docs/verify-export.mjs';
import { refusal } from '../../fault.ts';

export interface ReadExport extends ExportVerdict {
  /** Of every byte of the file, in hex. */
  readonly sha256: string;
}

/** How much of the file was read, in bytes. */
export type Progress = (read: number, of: number) => void;

/**
 * Verifies an export with the very script that the documentation ships, and hashes the file on the way. Throws
 * KORA_NOT_FOUND, or KORA_REQUEST_INVALID for what is no export or no key.
 */
export async function readExport(
  file: string,
  keys: readonly string[],
  onProgress: Progress = () => undefined,
): Promise<ReadExport> {
  const { verifyExport } = await import('../../../../../docs/verify-export.mjs');
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true)
    throw refusal('KORA_NOT_FOUND', `there is no file ${file}`, 'kora event export --help');
  const digest = createHash('sha256');
  const stream = createReadStream(file);
  let read = 0;
  stream.on('data', (piece) => {
    digest.update(piece);
    read += piece.length;
    onProgress(read, found.size);
  });
  try {
    const verdict = await verifyExport(createInterface({ input: stream, crlfDelay: Infinity }), keys);
    return { ...verdict, sha256: digest.digest('hex') };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal('KORA_REQUEST_INVALID', `${file} cannot be verified: ${why}`, 'kora event export --help');
  } finally {
    stream.destroy();
  }
}

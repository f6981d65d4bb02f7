import { readFile } from 'node:fs/promises';

/** The certificates of a PEM file, or the code of why it cannot be read. */
export async function readCa(path: string): Promise<string | { readonly unreadableCa: string }> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { unreadableCa: code };
  }
}

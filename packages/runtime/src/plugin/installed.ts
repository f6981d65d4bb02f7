import { join } from 'node:path';
import { isFile, parseJson, readText } from './locate.ts';
import type { IndexRow } from './plugin-index.ts';
import { refusal } from './reason.ts';

/** Whether the very version of this row still lies in its folder. Some package managers put the next one in its place. */
export async function isInstalled({ directory, entry, version }: IndexRow): Promise<boolean> {
  const manifest = parseJson((await readText(join(directory, 'package.json'))) ?? '');
  const found: unknown =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
  return found === version && entry !== undefined && (await isFile(entry));
}

/**
 * Refuses, with the reason `package_changed`, to run what is not what the index read: the next version is let in by a
 * sync, which looks at what it asks for.
 */
export async function requireInstalled(row: IndexRow): Promise<void> {
  if (await isInstalled(row)) return;
  throw refusal({
    code: 'package_changed',
    message: `${row.directory} does not hold ${row.packageName} ${row.version} any more`,
    fix: 'kora plugin sync',
  });
}

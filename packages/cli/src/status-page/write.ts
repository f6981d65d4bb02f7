import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface PageFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Puts each file where it belongs in one step: whoever serves the folder meanwhile finds the old one or the new one, and
 * a full disk leaves the old ones. For everybody to read: that is what it is for.
 */
export async function writePage(folder: string, files: readonly PageFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const aside = files.map(({ name, text }) => ({
    text,
    file: join(folder, name),
    draft: join(folder, `.${name}.${randomUUID()}`),
  }));
  try {
    for (const { draft, text } of aside) {
      await using handle = await open(draft, 'wx', 0o644);
      await handle.writeFile(text);
      await handle.sync();
    }
    for (const { draft, file } of aside) await rename(draft, file);
  } finally {
    await Promise.all(aside.map(({ draft }) => rm(draft, { force: true })));
  }
}

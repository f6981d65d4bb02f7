import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const markSchema = z.object({
  workspace: z.string(),
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
});

/**
 * How far this home's operator has proven the log, in `verified.json` of the home. It is only where the next pass goes
 * on: whoever can write there can make that pass begin later, which is why a pass without `--resume` reads none of it.
 */
export type Mark = z.infer<typeof markSchema>;

const fileOf = (home: string): string => join(home, 'verified.json');

/** Undefined when there is none, or one that cannot be read. */
export async function readMark(home: string, workspace: string): Promise<Mark | undefined> {
  const text = await readFile(fileOf(home), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const mark = markSchema.safeParse(JSON.parse(text));
    return mark.success && mark.data.workspace === workspace ? mark.data : undefined;
  } catch {
    return undefined; // not JSON: begin at the beginning
  }
}

export async function writeMark(home: string, mark: Mark): Promise<void> {
  const aside = `${fileOf(home)}.${process.pid}`;
  await writeFile(aside, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  await rename(aside, fileOf(home));
}

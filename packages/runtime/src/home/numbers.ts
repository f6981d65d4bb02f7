import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { homeFiles, parseJson, readIfThere } from './home.ts';

const schema = z.object({ numbersBelow: z.number().int().nonnegative() });

/** Reserved at a time: what a crash leaves unused is a gap. */
const reserve = 1_000;

/**
 * Numbers of this home that only rise, also over restarts and crashes. Synchronous, since what is numbered does not wait;
 * the disk is written once for a thousand of them. A disk that refuses is told to `onError`: the numbers go on, and after a
 * restart may repeat. Throws KORA_HOME_UNREADABLE when the file is damaged.
 */
export async function openNumbers(
  directory: string,
  onError: (where: string, error: unknown) => void,
): Promise<{ next(): number }> {
  const file = join(directory, homeFiles.state);
  const text = await readIfThere(file);
  const parsed = schema.safeParse(text === undefined ? { numbersBelow: 0 } : parseJson(text));
  if (!parsed.success) {
    throw fault('KORA_HOME_UNREADABLE', `${file} is damaged: ${z.prettifyError(parsed.error)}`, {
      fix: `delete ${file}: the transitions of this home are then numbered from 1 again`,
      details: { file },
    });
  }
  let last = parsed.data.numbersBelow;
  let reserved = last;
  return {
    next: () => {
      last += 1;
      if (last <= reserved) return last;
      reserved += reserve;
      try {
        writeThrough(file, `${JSON.stringify({ numbersBelow: reserved })}\n`);
      } catch (error) {
        onError('numbers of the home', error);
      }
      return last;
    },
  };
}

function writeThrough(file: string, text: string): void {
  const aside = `${file}.${process.pid}.tmp`;
  const handle = openSync(aside, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
}

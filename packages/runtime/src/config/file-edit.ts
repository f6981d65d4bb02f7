import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { fault, messageOf } from '../fault/index.ts';
import { parseConfiguration } from './load.ts';

/** A writer that died in the middle is not waited for longer. */
const abandonedMs = 10_000;
export const emptyFile = '{}\n';

export interface FileEdit {
  /** Milliseconds since 1970, as the file system dates. */
  readonly now: number;
  /** The text that is to stand there; it may throw. `raw` is the file as it is, empty where there is none. */
  edit(text: string, raw: string): string;
  /** What is thrown when somebody else wrote meanwhile. */
  changed(): Error;
}

/**
 * Puts another text into kora.json: all or nothing, also over a crash, and nothing where it would be no configuration. Throws
 * KORA_CONFIG_CHANGED when somebody else is writing, and what reading a configuration throws.
 */
export async function editFile(named: string, { now, edit, changed }: FileEdit): Promise<void> {
  const file = await leadsTo(named);
  const draft = `${file}.new`;
  await takeDraft(draft, now);
  try {
    const before = await textOf(file);
    // A byte order mark is welcome where it is read; a file that we write has none.
    const after = edit((before ?? emptyFile).replace(/^\uFEFF/, ''), before ?? '');
    parseConfiguration(after, file);
    await writeWhole(draft, after, before === undefined ? 0o600 : (await stat(file)).mode & 0o777);
    if ((await textOf(file)) !== before) throw changed();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Where a link leads: that is written, and the link stays one. */
async function leadsTo(file: string): Promise<string> {
  return realpath(file).catch(() => file); // not there yet, or not to be read: then that is said where it is read
}

/** The draft is also the turn: who finds it there already waits for nobody and says so. */
async function takeDraft(draft: string, now: number): Promise<void> {
  const age = await stat(draft).then(
    ({ mtimeMs }) => now - mtimeMs,
    () => 0,
  );
  if (age > abandonedMs) await rm(draft, { force: true });
  try {
    await (await open(draft, 'wx', 0o600)).close();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw fault('KORA_CONFIG_CHANGED', `${draft} is there: somebody else is writing`, {
        fix: 'try again',
        cause,
      });
    }
    throw fault('KORA_CONFIG_UNREADABLE', `${draft} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Undefined where there is no file. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fault('KORA_CONFIG_UNREADABLE', `${file} cannot be read: ${messageOf(cause)}`, {
      details: { file },
      cause,
    });
  }
}

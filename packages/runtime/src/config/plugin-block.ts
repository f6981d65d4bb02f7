import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { fault, messageOf } from '../fault/index.ts';
import { withValue } from './block-edits.ts';
import type { LoadedConfiguration } from './load.ts';
import { deepFreeze, parseConfiguration } from './load.ts';

/** A writer that died in the middle is not waited for longer. */
const abandonedMs = 10_000;
const empty = '{}\n';

/** A plugin's block as the file has it now; undefined when it has none, or there is no file. */
export async function readBlock(file: string, pluginId: string): Promise<unknown> {
  const text = await textOf(file);
  return blockIn(text ?? empty, file, pluginId);
}

export interface BlockWrite {
  readonly pluginId: string;
  /** Undefined takes the block out. */
  readonly block: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since 1970, as the file system dates. */
  readonly now: number;
  /** Whether what stands in the file is what the writer had read. */
  isExpected(block: unknown): boolean;
}

/**
 * Puts a plugin's block into kora.json and leaves everything else as it is, comments too, also those inside the block: all
 * or nothing, also over a crash. Throws KORA_CONFIG_CHANGED when the block is not what the writer had read or the file changes meanwhile, and what
 * reading a configuration throws when the whole would not be one.
 */
export async function writeBlock(
  file: string,
  { pluginId, block, now, isExpected }: BlockWrite,
): Promise<void> {
  const draft = `${file}.new`;
  await takeDraft(draft, now);
  try {
    const before = await textOf(file);
    // A byte order mark is welcome where it is read; a file that we write has none.
    const text = (before ?? empty).replace(/^\uFEFF/, '');
    const stands = blockIn(text, file, pluginId);
    if (!isExpected(stands)) throw changed(file, pluginId);
    const after = withValue(text, ['plugins', 'config', pluginId], stands, block);
    parseConfiguration(after, file);
    await writeWhole(draft, after, before === undefined ? 0o600 : (await stat(file)).mode & 0o777);
    if ((await textOf(file)) !== before) throw changed(file, pluginId);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The configuration with another block for one plugin, in place: whoever asks from now on reads the new one. */
export function replaceBlock(loaded: LoadedConfiguration, pluginId: string, block: unknown): void {
  const { config } = loaded;
  const { [pluginId]: _before, ...others } = config.plugins.config;
  const blocks = block === undefined ? others : { ...others, [pluginId]: block };
  Object.assign(loaded, {
    config: deepFreeze({ ...config, plugins: { ...config.plugins, config: blocks } }),
  });
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

function blockIn(text: string, file: string, pluginId: string): unknown {
  const blocks = parseConfiguration(text, file).plugins.config;
  return Object.hasOwn(blocks, pluginId) ? blocks[pluginId] : undefined;
}

function changed(file: string, pluginId: string): Error {
  return fault(
    'KORA_CONFIG_CHANGED',
    `plugins.config.${pluginId} in ${file} is not what it was when it was read`,
    {
      fix: `kora plugin config ${pluginId}`,
      details: { file },
    },
  );
}

async function textOf(file: string): Promise<string | undefined> {
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

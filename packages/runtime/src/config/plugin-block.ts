import { fault } from '../fault/index.ts';
import { withValue } from './block-edits.ts';
import { editFile, emptyFile, textOf } from './file-edit.ts';
import type { LoadedConfiguration } from './load.ts';
import { deepFreeze, parseConfiguration } from './load.ts';

/** A plugin's block as the file has it now; undefined when it has none, or there is no file. */
export async function readBlock(file: string, pluginId: string): Promise<unknown> {
  const text = await textOf(file);
  return blockIn(text ?? emptyFile, file, pluginId);
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
  const edit = (text: string): string => {
    const stands = blockIn(text, file, pluginId);
    if (!isExpected(stands)) throw changed(file, pluginId);
    return withValue(text, ['plugins', 'config', pluginId], stands, block);
  };
  await editFile(file, { now, edit, changed: () => changed(file, pluginId) });
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

import { fault } from '../fault/index.ts';
import { valueAt, withValue } from './block-edits.ts';
import { editFile, emptyFile, textOf } from './file-edit.ts';
import type { LoadedConfiguration } from './load.ts';
import { deepFreeze, parseConfiguration } from './load.ts';

const path = ['messages', 'channels'];

/** The order in which the operator is told, as the file has it now. Throws what reading a configuration throws. */
export async function readOrder(file: string): Promise<readonly string[]> {
  return orderIn((await textOf(file)) ?? emptyFile, file);
}

/**
 * Makes a channel the first over which the operator is told; the others keep their order behind it. Answers the order as it is
 * and as it was. Throws KORA_CONFIG_CHANGED, and what reading a configuration throws.
 */
export async function putFirst(
  file: string,
  { name, now }: { readonly name: string; readonly now: number },
): Promise<{ readonly order: readonly string[]; readonly before: readonly string[] }> {
  let [before, order]: (readonly string[])[] = [];
  const edit = (text: string): string => {
    before = orderIn(text, file);
    order = [name, ...before.filter((each) => each !== name)];
    return withValue(text, path, valueAt(text, path), order);
  };
  const changed = (): Error =>
    fault('KORA_CONFIG_CHANGED', `${file} was written by somebody else meanwhile`, { fix: 'try again' });
  await editFile(file, { now, edit, changed });
  return { order: order ?? [name], before: before ?? [] };
}

/** The configuration with another order, in place: what is sent from now on goes by it. */
export function replaceOrder(loaded: LoadedConfiguration, channels: readonly string[]): void {
  const { config } = loaded;
  const messages = { ...config.messages, channels: [...channels] };
  Object.assign(loaded, { config: deepFreeze({ ...config, messages }) });
}

function orderIn(text: string, file: string): readonly string[] {
  return parseConfiguration(text, file).messages.channels;
}

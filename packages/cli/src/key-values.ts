import { usage } from './fault.ts';
import type { Input } from './input.ts';

/** What `--set KEY=VALUE` said, each time it was given: JSON where it is JSON, else the text. Throws KORA_USAGE. */
export function keyValues({ command, many }: Input, flag: string): readonly (readonly [string, unknown])[] {
  return many(flag).map((each) => {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(each) ?? [];
    if (key === undefined || text === undefined)
      throw usage(`--${flag} takes KEY=VALUE, not ${JSON.stringify(each)}`, `kora ${command} --help`);
    return [key, valueOf(text)];
  });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

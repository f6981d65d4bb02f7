import { usage } from './fault.ts';
import { parseSpan } from './output/time.ts';

/** What the operator typed, read by name; each reader refuses what does not parse and says which flag it was. */
export interface Input {
  /** The command as typed, `ticket add`. */
  readonly command: string;
  argument(name: string): string;
  /** Undefined when the flag is not there. */
  text(flag: string): string | undefined;
  /** Every value of a flag that may be given again; none when it is not there. */
  many(flag: string): readonly string[];
  needed(flag: string): string;
  whole(flag: string, least?: number): number | undefined;
  /** Milliseconds. */
  span(flag: string): number | undefined;
  choice<T extends string>(flag: string, choices: readonly T[]): T | undefined;
  on(flag: string): boolean;
}

export interface RawInput {
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
}

export function createInput({ command, args, options }: RawInput): Input {
  const text = (flag: string): string | undefined => {
    const value = options[camel(flag)];
    return typeof value === 'string' ? value : undefined;
  };
  const refuse = (flag: string, wanted: string, got: string) =>
    usage(`--${flag} takes ${wanted}, not ${JSON.stringify(got)}`, `kora ${command} --help`);
  const read = <T>(flag: string, wanted: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = text(flag);
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) throw refuse(flag, wanted, value);
    return parsed;
  };
  return {
    command,
    argument: (name) => args[name] ?? '',
    text,
    many: (flag) => {
      const values = options[camel(flag)];
      return Array.isArray(values) ? values.map(String) : [];
    },
    needed: (flag) => {
      const value = text(flag)?.trim();
      if (value === undefined || value === '') {
        throw usage(`kora ${command} needs --${flag}`, `kora ${command} --help`);
      }
      return value;
    },
    whole: (flag, least = 0) => read(flag, `a whole number from ${least}`, (value) => whole(value, least)),
    span: (flag) => read(flag, 'a span of time like 90s, 30m or 1h', parseSpan),
    choice: (flag, choices) =>
      read(flag, `one of ${choices.join(', ')}`, (value) => choices.find((known) => known === value)),
    on: (flag) => options[camel(flag)] === true,
  };
}

/** A whole number from `least`, written plainly; undefined for anything else. */
export function whole(text: string, least: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) && value >= least ? value : undefined;
}

function camel(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

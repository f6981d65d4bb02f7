import { configSource, rowOf } from '../config-source.ts';
import type { ConfigKey } from '../config-source.ts';
import type { Run } from '../context.ts';
import { refusal } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';

/** The configuration as it is in force, or of one key its value and no more, for a script. */
export const get: Run = async (context) => {
  const { input, out } = context;
  const { view } = await configSource(context);
  const key = input.argument('key');
  const one = view.keys.find((each) => each.key === key);
  if (one !== undefined) {
    out.result(one, () => [plain(valueText(one))]);
    return 'ok';
  }
  const part = view.keys.filter((each) => key === '' || each.key.startsWith(`${key}.`));
  if (part.length === 0) rowOf(view, key);
  const rows = input.on('said') ? part.filter(({ origin }) => origin !== 'default') : part;
  out.result({ ...view, keys: rows }, () => [
    ...(view.problem === null ? [] : [out.style.bad(plain(view.problem)), '']),
    ...out.table(
      rows,
      [
        { title: 'key', of: (row) => row.key },
        { title: 'value', of: valueText, flexible: true },
        { title: 'from', of: (row) => row.origin },
        { title: 'change', of: (row) => changeWord(row) },
      ],
      'nobody said anything: the defaults hold',
    ),
  ]);
  return view.problem === null ? 'ok' : 'invalid';
};

/** All that there is to know of one key. */
export const explain: Run = async (context) => {
  const { input, out } = context;
  const { kind, view } = await configSource(context);
  const row = rowOf(view, input.argument('key'));
  out.result({ ...row, file: view.file, target: view.target, running: kind === 'runtime' }, () =>
    explained(row, { target: view.target, running: kind === 'runtime' }, out),
  );
  return 'ok';
};

function explained(
  row: ConfigKey,
  { target, running }: { readonly target: string; readonly running: boolean },
  { style }: Console,
): readonly string[] {
  const lines: readonly (readonly [string, string])[] = [
    ['value', valueText(row)],
    ['said by', row.origin === 'default' ? 'nobody: it is the default' : row.origin],
    ...(row.waits && running
      ? ([['in the file', `${fileText(row)}, which waits for a start`]] as const)
      : row.overruled && row.isInFile
        ? ([
            ['in the file', `${fileText(row)}, which does not count while the ${row.origin} says it`],
          ] as const)
        : []),
    ['default', row.hidden ? 'not shown' : plainText(row.usual)],
    ['takes', takes(row)],
    ['class', `${row.class}: ${classWords[row.class]}`],
    ['written to', target],
    ['from a page', row.closed === null ? 'yes' : `no: ${row.closed}`],
    ['set by', row.command],
  ];
  return [
    `${style.strong(plain(row.key))}${row.means === null ? '' : `  ${plain(row.means)}`}`,
    ...lines.map(([name, text]) => `${style.dim(name.padEnd(11))}  ${plain(text)}`),
  ];
}

export const classWords: Readonly<Record<ConfigKey['class'], string>> = {
  hot: 'in force at once',
  'restart-daemon': 'its plugin is started with it',
  'restart-process': 'in force when the runtime is started again',
};

function changeWord({ class: kind, waits, overruled }: ConfigKey): string {
  if (overruled) return 'overruled';
  return waits ? 'waits for a start' : kind;
}

/** What may stand there, in one line. */
function takes({ kind, choices, min, max, unit, integer, pattern }: ConfigKey): string {
  const bounds = [min === null ? '' : `from ${min}`, max === null ? '' : `to ${max}`]
    .filter((each) => each !== '')
    .join(' ');
  const of = pattern === null ? '' : `, each like ${pattern}`;
  const words: Readonly<Record<ConfigKey['kind'], string>> = {
    boolean: 'true or false',
    number: `a ${integer ? 'whole ' : ''}number${bounds === '' ? '' : ` ${bounds}`}${unit === null ? '' : ` (${unit})`}`,
    text: pattern === null ? 'a text' : `a text like ${pattern}`,
    choice: `one of ${(choices ?? []).join(', ')}`,
    lines: `a list of texts, apart by commas${bounds === '' ? '' : `, ${bounds} of them`}${of}`,
    json: 'JSON',
    secret: 'a reference: env:NAME or file:/path, never the secret itself',
    block: 'what its plugin’s schema says',
  };
  return words[kind];
}

/** A value as it is in force; of a secret only whether it is there. */
function valueText({ value, hidden, set }: ConfigKey): string {
  return hidden ? (set ? 'set, and not shown' : 'not set') : plainText(value);
}

function fileText({ inFile, hidden }: ConfigKey): string {
  return hidden ? 'another one' : plainText(inFile);
}

export function plainText(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set');
}

/** Throws KORA_CONFIG_INVALID where a file is code, before anything is asked of it. */
export function refuseCodeFile(file: string | undefined): void {
  if (file === undefined || !/\.[cm]?[jt]s$/.test(file)) return;
  throw refusal(
    'KORA_CONFIG_INVALID',
    `${file} is code, and code is not rewritten; nor is it read: the configuration is a kora.json`,
    'kora config set KEY VALUE --config kora.json',
  );
}

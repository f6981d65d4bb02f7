import { commandTable, globalOptions, nouns } from './table/index.ts';
import type { OptionSpec } from './table/index.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that completes commands, flags and the values of flags that have few; made from the command table. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const head = (install: string): string => `# Completion of the kora command. Install: ${install}`;
const firstWords = (): string[] => [...new Set(commandTable.map(({ name }) => name.split(' ')[0] ?? name))];
/** What may follow a noun: its verbs, or the nouns under it. */
const verbsOf = (noun: string): string[] => {
  const under = commandTable.filter(({ name }) => name.startsWith(`${noun} `));
  return [...new Set(under.map(({ name }) => name.slice(noun.length + 1).split(' ')[0] ?? name))];
};
/** Every noun, and every noun of a noun: all that something may follow. */
const nounPaths = (): string[] => {
  const paths = commandTable.flatMap(({ name }) => {
    const words = name.split(' ');
    return words.slice(1).map((_, index) => words.slice(0, index + 1).join(' '));
  });
  return [...new Set(paths)];
};
const flagOf = ([flags]: OptionSpec): string => flags.split(' ')[0] ?? flags;
const flagsOf = (options: readonly OptionSpec[]): string =>
  [...[...options, ...globalOptions].map(flagOf), '--help'].join(' ');
/** Flags with a fixed set of values, over all commands; one flag means one thing wherever it stands. */
const withChoices = (): (readonly [flag: string, choices: readonly string[]])[] => {
  const all = commandTable.flatMap(({ options }) => options ?? []);
  const found = all.flatMap((each) => (each[2] === undefined ? [] : [[flagOf(each), each[2]] as const]));
  return [...new Map(found)];
};

/** What may be typed after `kora` and, for a noun, after the noun: one `case` for bash and zsh alike. */
function wordCases(): string[] {
  return [
    `    '') words='${[...firstWords(), 'help'].join(' ')}' ;;`,
    ...nounPaths().map((noun) => `    '${noun}') words='${verbsOf(noun).join(' ')}' ;;`),
    `    'completion') words='${shells.join(' ')}' ;;`,
    `    *) words='' ;;`,
  ];
}

function flagCases(): string[] {
  return [
    ...commandTable.map(({ name, options = [] }) => `    '${name}') flags='${flagsOf(options)}' ;;`),
    `    *) flags='${flagsOf([['--version', '']])}' ;;`,
  ];
}

/** Flags that take a value: the word after one is not a command. */
function valueFlags(): string {
  const all = [...globalOptions, ...commandTable.flatMap(({ options }) => options ?? [])];
  return [...new Set(all.filter(([flags]) => flags.includes('<')).map(flagOf))].join('|');
}

function bash(): string {
  return `${head('kora completion bash > ~/.local/share/bash-completion/completions/kora')}
_kora() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words flags i skip=0
  COMPREPLY=()
  case "$prev" in
${withChoices()
  .map(
    ([flag, choices]) => `    ${flag}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur")); return ;;`,
  )
  .join('\n')}
    --home) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --config) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${valueFlags()}) return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    if ((skip)); then skip=0; continue; fi
    case "\${COMP_WORDS[i]}" in
      ${valueFlags()}) skip=1 ;;
      -*) ;;
      *) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${wordCases().join('\n')}
  esac
  case "$path" in
${flagCases().join('\n')}
  esac
  if [[ $cur == -* ]]; then words=$flags; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _kora kora`;
}

function zsh(): string {
  return `#compdef kora
${head('kora completion zsh > ~/.zfunc/_kora, with fpath+=~/.zfunc before compinit')}
_kora() {
  local path_='' words_ flags i skip=0 cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  case "$prev" in
${withChoices()
  .map(([flag, choices]) => `    ${flag}) compadd -- ${choices.join(' ')}; return ;;`)
  .join('\n')}
    --home) _files -/; return ;;
    --config) _files; return ;;
    ${valueFlags()}) return ;;
  esac
  for ((i = 2; i < CURRENT; i++)); do
    if ((skip)); then skip=0; continue; fi
    case "\${words[i]}" in
      ${valueFlags()}) skip=1 ;;
      -*) ;;
      *) path_="\${path_:+$path_ }\${words[i]}" ;;
    esac
  done
  case "$path_" in
${wordCases().join('\n').replaceAll(' words=', ' words_=')}
  esac
  case "$path_" in
${flagCases().join('\n')}
  esac
  if [[ $cur == -* ]]; then words_=$flags; fi
  compadd -- \${=words_}
}
compdef _kora kora`;
}

function fish(): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const seen = (noun: string): string => `__fish_seen_subcommand_from ${noun}`;
  const option = (when: string, [flags, means, choices]: OptionSpec): string => {
    const value = flags.includes('<')
      ? choices === undefined
        ? ' -r'
        : ` -x -a ${quoted(choices.join(' '))}`
      : '';
    return `complete -c kora${when} -l ${flagOf([flags, means]).slice(2)}${value} -d ${quoted(means)}`;
  };
  const lines = [head('kora completion fish > ~/.config/fish/completions/kora.fish'), 'complete -c kora -f'];
  for (const word of firstWords()) {
    const means = nouns[word] ?? commandTable.find(({ name }) => name === word)?.summary ?? '';
    lines.push(`complete -c kora -n __fish_use_subcommand -a ${word} -d ${quoted(means)}`);
  }
  for (const spec of commandTable) {
    const words = spec.name.split(' ');
    const verb = words.at(-1) ?? '';
    const path = words.slice(0, -1);
    if (path.length > 0) {
      const when = `${path.map(seen).join('; and ')}; and not ${seen(verbsOf(path.join(' ')).join(' '))}`;
      lines.push(`complete -c kora -n ${quoted(when)} -a ${verb} -d ${quoted(spec.summary)}`);
    }
    const when = words.map(seen).join('; and ');
    for (const each of spec.options ?? []) lines.push(option(` -n ${quoted(when)}`, each));
  }
  lines.push(`complete -c kora -n ${quoted(seen('completion'))} -a ${quoted(shells.join(' '))}`);
  return [...lines, ...globalOptions.map((each) => option('', each))].join('\n');
}

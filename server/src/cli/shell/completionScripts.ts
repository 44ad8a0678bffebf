import { cliCommands } from '../../../../schemas/programs/cliCommands.ts';
import { commandGroups, groupedCommands } from '../../../../schemas/programs/cliGroups.ts';
import { optionName, type CliCommand, type CliOption } from '../../../../schemas/programs/cliOptions.ts';

/** The commands whose names are on the PATH, with the words that they stand for. */
const programs: readonly [program: string, words: readonly string[]][] = [
  ['cluster-serving', []],
  ...(['init', 'start', 'stop', 'shutdown'] as const).map((name): [string, readonly string[]] => [
    `cluster-serving-${name}`,
    [name],
  ]),
];

interface Entry {
  /** The words that lead to it. */
  readonly path: string;
  readonly row: CliCommand;
}

const commands: readonly [string, CliCommand][] = Object.entries(cliCommands);
const groups = Object.entries(commandGroups).map(([name, { meaning }]) => ({
  name,
  meaning,
  commands: groupedCommands
    .filter(([group]) => group === name)
    .map(([, command, row]) => [command, row] as const),
}));
const entries: readonly Entry[] = [
  ...commands.map(([name, row]) => ({ path: name, row })),
  ...groupedCommands.map(([group, name, row]) => ({ path: `${group} ${name}`, row })),
];
const helpOption: CliOption = { flags: '-h, --help', meaning: 'show how it is used' };
const topNames: readonly [string, string][] = [
  ...commands.map(([name, { meaning }]): [string, string] => [name, meaning]),
  ...groups.map(({ name, meaning }): [string, string] => [name, meaning]),
];

/** A script for each shell that completes commands, options, their values and the names of jobs. */
export const completionScripts: Readonly<Record<'bash' | 'zsh' | 'fish', () => string>> = { bash, zsh, fish };

/** The shell asks the command line itself for the jobs that it knows. */
const jobsOf =
  'cluster-serving list --json 2>/dev/null | grep -o \'"jobName":"[^"]*"\' | cut -d \'"\' -f 4 | sort -u';

function flagsOf({ flags }: CliOption): readonly string[] {
  return [...flags.matchAll(/(?:^|\s)(--?[\w-]+)/g)].map(([, flag]) => flag ?? '');
}

function takesValue({ flags }: CliOption): boolean {
  return flags.includes('<');
}

function optionsOf(row: CliCommand): readonly CliOption[] {
  return [...row.options, helpOption];
}

function bash(): string {
  const cases = entries.map(({ path, row }) => {
    const values = row.options
      .filter(takesValue)
      .map((option) => `        ${flagsOf(option).join('|')}) ${bashOffer(option.offers)}; return ;;`);
    const flags = optionsOf(row).flatMap(flagsOf).join(' ');
    return [
      `    '${path}')`,
      ...(values.length > 0 ? ['      case "$previous" in', ...values, '      esac'] : []),
      `      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W '${flags}' -- "$current")); return; fi`,
      `      ${bashOffer(row.argument?.offers)} ;;`,
    ].join('\n');
  });
  return `# Completes cluster-serving in bash: source <(cluster-serving completion bash)
_cluster_serving() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  case "\${COMP_WORDS[0]##*/}" in
${programs
  .filter(([, words]) => words.length > 0)
  .map(([program, words]) => `    ${program}) path='${words.join(' ')}' ;;`)
  .join('\n')}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] && continue
    if [[ -z $path ]]; then path=$word; elif [[ $path == @(${groups.map(({ name }) => name).join('|')}) ]]; then path="$path $word"; break; else break; fi
  done
  COMPREPLY=()
  case "$path" in
    '') COMPREPLY=($(compgen -W '${topNames.map(([name]) => name).join(' ')} --help --version' -- "$current")) ;;
${groups
  .map(
    ({ name, commands: own }) =>
      `    '${name}') COMPREPLY=($(compgen -W '${own.map(([command]) => command).join(' ')} --help' -- "$current")) ;;`,
  )
  .join('\n')}
${cases.join('\n')}
  esac
}
complete -o filenames -F _cluster_serving ${programs.map(([program]) => program).join(' ')}`;
}

function bashOffer(offers: CliOption['offers'] | 'jobs'): string {
  if (offers === 'files') return 'COMPREPLY=($(compgen -f -- "$current"))';
  if (offers === 'jobs') return `COMPREPLY=($(compgen -W "$(${jobsOf})" -- "$current"))`;
  if (offers === undefined) return 'COMPREPLY=()';
  return `COMPREPLY=($(compgen -W '${offers.join(' ')}' -- "$current"))`;
}

function zsh(): string {
  const functions = entries.map(({ path, row }) => {
    const specs = optionsOf(row).flatMap((option) => flagsOf(option).map((flag) => zshOption(flag, option)));
    if (row.argument) specs.push(`'*:${quoteZsh(row.argument.meaning)}:${zshOffer(row.argument.offers)}'`);
    return `    '${path}')\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  const describe = (rows: readonly [string, string][]) =>
    rows.map(([name, meaning]) => `'${name}:${quoteZsh(meaning)}'`).join(' ');
  return `#compdef ${programs.map(([program]) => program).join(' ')}
# Completes cluster-serving in zsh: put it as _cluster-serving into a folder of your fpath.
_cluster_serving_jobs() {
  local -a jobs
  jobs=(\${(f)"$(${jobsOf})"})
  compadd -a jobs
}
_cluster_serving() {
  local command=
  case "\${service}" in
${programs
  .filter(([, words]) => words.length > 0)
  .map(([program, words]) => `    ${program}) command='${words.join(' ')}' ;;`)
  .join('\n')}
  esac
  if [[ -z $command ]]; then
    if (( CURRENT == 2 )); then
      local -a names
      names=(${describe(topNames)})
      _describe command names
      return
    fi
    command=\${words[2]}
    shift words
    (( CURRENT-- ))
${groups
  .map(
    ({ name, commands: own }) => `    if [[ $command == ${name} ]]; then
      if (( CURRENT == 2 )); then
        local -a names
        names=(${describe(own.map(([command, { meaning }]) => [command, meaning]))})
        _describe command names
        return
      fi
      command="${name} \${words[2]}"
      shift words
      (( CURRENT-- ))
    fi`,
  )
  .join('\n')}
  fi
  case "$command" in
${functions.join('\n')}
  esac
}
_cluster_serving "$@"`;
}

function zshOption(flag: string, option: CliOption): string {
  const value = takesValue(option) ? `:${optionName(option)}:${zshOffer(option.offers)}` : '';
  return `'${flag}[${quoteZsh(option.meaning)}]${value}'`;
}

function zshOffer(offers: CliOption['offers'] | 'jobs'): string {
  if (offers === 'files') return '_files';
  if (offers === 'jobs') return '_cluster_serving_jobs';
  return offers === undefined ? ' ' : `(${offers.join(' ')})`;
}

function quoteZsh(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");
}

function fish(): string {
  const lines: string[] = [
    '# Completes cluster-serving in fish: cluster-serving completion fish > ~/.config/fish/completions/cluster-serving.fish',
    'function __cluster_serving_at',
    '    set -l words (commandline -opc)[2..-1]',
    "    set -l found (string match -v -- '-*' $words)",
    `    contains -- "$found[1]" ${groups.map(({ name }) => name).join(' ')}; and set found "$found[1] $found[2]"; or set found $found[1]`,
    '    test "$found" = "$argv"',
    'end',
    'complete -c cluster-serving -f',
  ];
  for (const [name, meaning] of topNames)
    lines.push(
      `complete -c cluster-serving -n '__cluster_serving_at ""' -a ${name} -d ${quoteFish(meaning)}`,
    );
  for (const [group, name, { meaning }] of groupedCommands)
    lines.push(
      `complete -c cluster-serving -n '__cluster_serving_at "${group} "' -a ${name} -d ${quoteFish(meaning)}`,
    );
  for (const { path, row } of entries) {
    add('cluster-serving', `-n '__cluster_serving_at "${path}"'`, row);
    for (const [program, words] of programs)
      if (words.join(' ') === path && words.length > 0) add(program, '', row);
  }
  return lines.join('\n');

  function add(program: string, condition: string, row: CliCommand): void {
    const start = ['complete -c', program, condition].filter(Boolean).join(' ');
    for (const option of optionsOf(row)) {
      const names = flagsOf(option).map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const value = takesValue(option) ? ` ${fishOffer(option.offers)}` : '';
      lines.push(`${start} ${names.join(' ')} -d ${quoteFish(option.meaning)}${value}`);
    }
    if (row.argument?.offers === 'files') lines.push(`${start} -F`);
    else if (row.argument?.offers === 'jobs') lines.push(`${start} -a ${quoteFish(`(${jobsOf})`)}`);
    else if (row.argument?.offers) lines.push(`${start} -a ${quoteFish(row.argument.offers.join(' '))}`);
  }
}

function fishOffer(offers: CliOption['offers']): string {
  if (offers === 'files') return '-r -F';
  return offers === undefined ? '-x' : `-x -a ${quoteFish(offers.join(' '))}`;
}

function quoteFish(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

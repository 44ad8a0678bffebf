import { cliCommands } from '../../../../schemas/programs/cliCommands.ts';
import { commandGroups, groupedCommands } from '../../../../schemas/programs/cliGroups.ts';
import { type CliCommand, type CliOption } from '../../../../schemas/programs/cliOptions.ts';
import { frontendOptions, type FrontendOption } from '../../../../schemas/programs/frontendOptions.ts';

/** The manual, from the table of commands: one page for the whole, and one for each command. */
export function manPages(version: string): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  const commands: readonly [string, CliCommand][] = Object.entries(cliCommands);
  const rows: readonly [string, string][] = [
    ...commands.map(([name, { meaning }]): [string, string] => [name, meaning]),
    ...Object.entries(commandGroups).map(([name, { meaning }]): [string, string] => [name, meaning]),
  ];
  pages.set(
    'cluster-serving.1',
    page('cluster-serving', 'Serve a model through Redis from a config.yaml.', version, [
      section('SYNOPSIS', '.B cluster-serving', '\\fIcommand\\fR [\\fIoptions\\fR]'),
      section('COMMANDS', ...rows.flatMap(([name, meaning]) => entry(`\\fB${escape(name)}\\fR`, meaning))),
      section('EXIT STATUS', ...exitCodes()),
      section('SEE ALSO', rows.map(([name]) => `\\fBcluster-serving-${escape(name)}\\fR(1)`).join(', ')),
    ]),
  );
  for (const [name, row] of commands)
    pages.set(`cluster-serving-${name}.1`, commandPage([name], row, version));
  for (const [group, { meaning }] of Object.entries(commandGroups))
    pages.set(
      `cluster-serving-${group}.1`,
      page(`cluster-serving-${group}`, meaning, version, [
        section('SYNOPSIS', `.B cluster-serving ${group}`, '\\fIcommand\\fR [\\fIoptions\\fR]'),
        ...groupedCommands
          .filter(([of]) => of === group)
          .map(([, name, row]) =>
            section(
              name.toUpperCase(),
              `${usage([group, name], row)}\n.PP\n${escape(row.meaning)}`,
              ...optionsOf(row),
            ),
          ),
        section('EXIT STATUS', ...exitCodes()),
      ]),
    );
  return pages;
}

function commandPage(words: readonly string[], row: CliCommand, version: string): string {
  const options = row.readsOwnOptions ? frontendEntries() : optionsOf(row);
  return page(`cluster-serving-${words.join('-')}`, row.meaning, version, [
    section('SYNOPSIS', usage(words, row), ...(row.readsOwnOptions ? ['[\\fIoptions\\fR]'] : [])),
    section('DESCRIPTION', escape(row.meaning)),
    ...(options.length > 0 ? [section('OPTIONS', ...options)] : []),
    section('EXIT STATUS', ...exitCodes(row.exitCodes)),
    section('SEE ALSO', '\\fBcluster-serving\\fR(1)'),
  ]);
}

function page(name: string, meaning: string, version: string, sections: readonly string[]): string {
  const title = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "cluster-serving ${version}" "Cluster Serving"`;
  const line = section('NAME', `${escape(name)} \\- ${escape(meaning.replace(/\.$/, ''))}`);
  return `${[title, line, ...sections].join('\n')}\n`;
}

function section(title: string, ...lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

function usage(words: readonly string[], { argument, options }: CliCommand): string {
  const parts = [
    ...(options.length > 0 ? ['[\\fIoptions\\fR]'] : []),
    ...(argument ? [escape(argument.name)] : []),
  ];
  return [`.B cluster-serving ${words.map(escape).join(' ')}`, ...parts].join('\n');
}

function optionsOf({ argument, options }: CliCommand): readonly string[] {
  return [
    ...(argument ? entry(`\\fI${escape(argument.name)}\\fR`, argument.meaning) : []),
    ...options.flatMap((option) => entry(`\\fB${escape(option.flags)}\\fR`, meaningOf(option))),
  ];
}

/** `cluster-serving http` has a table of its own. */
function frontendEntries(): readonly string[] {
  const rows: readonly [string, FrontendOption][] = Object.entries(frontendOptions);
  return [
    ...entry('\\fB\\-c\\fR <path>', 'a config file, whose job is served'),
    ...rows.flatMap(([name, row]) => {
      const isShown = row.default !== '' && row.type !== 'secret';
      return entry(
        `\\fB\\-\\-${escape(name)}\\fR=<${row.type}>`,
        `${row.meaning}${isShown ? ` (default: ${String(row.default)})` : ''}`,
      );
    }),
  ];
}

function meaningOf({ meaning, default: usual, offers }: CliOption): string {
  const choices =
    Array.isArray(offers) && !meaning.includes(String(offers[0])) ? `: ${offers.join(', ')}` : '';
  const isShown = usual !== undefined && !Array.isArray(usual);
  return `${meaning}${choices}${isShown ? ` (default: ${String(usual)})` : ''}`;
}

function entry(tag: string, text: string): readonly string[] {
  return ['.TP', tag, escape(text)];
}

function exitCodes(
  codes: Readonly<Record<number, string>> = { 0: 'done', 1: 'failed', 2: 'wrong use' },
): readonly string[] {
  return Object.entries(codes).flatMap(([code, meaning]) => entry(code, meaning));
}

/** A hyphen is a minus, which is what people copy; a line that begins with a dot or a quote would be a request. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}

/* The page of all commands, from the table in schemas/programs/cliCommands.ts. */

/** @param table  makes a Markdown table of a head and rows
 *  @returns Markdown */
export function commandsPage({ cliCommands, commandGroups }, table) {
  const rows = (commands, group = []) =>
    Object.entries(commands).flatMap(([name, row]) => [
      `### ${name}\n`,
      `\`cluster-serving ${[...group, name, row.argument?.name].filter(Boolean).join(' ')}\`\n`,
      `${row.meaning}\n`,
      ...(row.options.length + (row.argument ? 1 : 0) > 0 ? [`${optionTable(row, table)}\n`] : []),
    ]);
  return [
    '# Commands\n',
    '<!-- Generated from schemas/ by "npm run generate"; edit the tables there. -->\n',
    'Every command takes `--help` and `--version`; those that print data take `--json`.',
    'Exit codes are 0 for done, 1 for failed, 2 for wrong use.\n',
    '`cluster-serving-init`, `cluster-serving-start`, `cluster-serving-stop` and `cluster-serving-shutdown` are the same commands under the names of the original.',
    '`cluster-serving-http` is `cluster-serving http`; [HTTP](http.md#options) has its options.',
    '[Install](install.md#complete-commands-in-the-shell) says how a shell completes commands, and `man cluster-serving-start` shows the same as this page.\n',
    '## Jobs\n',
    ...rows(cliCommands),
    '## Queues\n',
    `${commandGroups.queue.meaning} [Queues and dead letters](queues.md) explains them.\n`,
    ...rows(commandGroups.queue.commands, ['queue']),
    '## Secrets\n',
    `${commandGroups.secret.meaning}\n`,
    ...rows(commandGroups.secret.commands, ['secret']),
    '## Runtimes\n',
    `${commandGroups.runtime.meaning} [Models](models.md) says which model needs which.\n`,
    ...rows(commandGroups.runtime.commands, ['runtime']),
  ].join('\n');
}

function optionTable({ argument, options }, table) {
  const code = (text) => `\`${text}\``;
  return table(
    ['option', 'meaning', 'default'],
    [
      ...(argument ? [[code(argument.name), argument.meaning, '']] : []),
      ...options.map(({ flags, meaning, default: usual, offers }) => {
        const choices = Array.isArray(offers) && !meaning.includes(offers[0]) ? `: ${offers.join(', ')}` : '';
        const isShown = usual !== undefined && !Array.isArray(usual);
        return [code(flags), `${meaning}${choices}`, isShown ? code(String(usual)) : ''];
      }),
    ],
  );
}

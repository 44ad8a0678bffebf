import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { cliCommands } from '../../../schemas/programs/cliCommands.ts';
import { groupedCommands } from '../../../schemas/programs/cliGroups.ts';
import { optionName, type CliCommand } from '../../../schemas/programs/cliOptions.ts';
import { completionScripts } from '../../../server/src/cli/shell/completionScripts.ts';
import { manPages } from '../../../server/src/cli/shell/manPages.ts';

/** What bash offers for the last of these words. */
function offers(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `${completionScripts.bash()}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _cluster_serving; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const rows: readonly [string, CliCommand][] = [
  ...Object.entries(cliCommands),
  ...groupedCommands.map(([group, name, row]): [string, CliCommand] => [`${group} ${name}`, row]),
];

describe('bash', () => {
  test.each([
    [
      ['cluster-serving', 'st'],
      ['start', 'stop', 'status'],
    ],
    [
      ['cluster-serving', 'queue', 'pe'],
      ['pending', 'peek'],
    ],
    [
      ['cluster-serving', 'start', '--backend', ''],
      ['embedded', 'flink'],
    ],
    [['cluster-serving', 'start', '--fo'], ['--foreground']],
    [['/usr/bin/cluster-serving-start', '--fo'], ['--foreground']],
    [['cluster-serving', 'queue', 'peek', '--de'], ['--dead']],
    [
      ['cluster-serving', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['cluster-serving', 'lint', '--format', 's'], ['sarif']],
    [['cluster-serving', 'start', '-o', ''], []],
  ])('%j offers %j', (words, wanted) => {
    expect(offers(...words).sort()).toEqual([...wanted].sort());
  });

  test('offers every option of every command', () => {
    for (const [path, row] of rows)
      for (const option of row.options)
        expect(offers('cluster-serving', ...path.split(' '), `--${optionName(option)}`)).toContain(
          `--${optionName(option)}`,
        );
  });
});

test.each(['zsh', 'fish'] as const)('%s knows every command and option', (shell) => {
  const script = completionScripts[shell]();
  for (const [path, row] of rows) {
    expect(script).toContain(path.split(' ').at(-1));
    for (const option of row.options) expect(script).toMatch(new RegExp(`(--|-l )${optionName(option)}\\b`));
  }
});

test('there is a manual page for each command, which explains each of its options', () => {
  const pages = manPages('1.2.3');
  for (const [path, row] of rows) {
    const page = pages.get(`cluster-serving-${path.split(' ')[0] ?? ''}.1`) ?? '';
    expect(page).toContain('1.2.3');
    for (const option of row.options)
      expect(page.replaceAll('\\-', '-')).toContain(`\\fB${option.flags}\\fR`);
  }
});

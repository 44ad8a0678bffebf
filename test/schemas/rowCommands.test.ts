import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  commandId,
  commands,
  isAmong,
  rowCommandId,
  rowsOf,
  type CommandName,
} from '../../schemas/editor/commands.ts';
import { root } from '../support/serving.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<
      Record<string, readonly { readonly command: string; readonly when?: string; readonly group?: string }[]>
    >;
  };
}

const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const names = Object.keys(commands) as CommandName[];
const onRows = names.filter((name) => rowsOf(name));

describe('commands on rows', () => {
  test('are other commands than those of the palette, so that a missing row is never taken for the palette', () => {
    const rowIds = contributes.menus['view/item/context']?.map(({ command }) => command) ?? [];
    expect(new Set(rowIds)).toEqual(new Set(onRows.map(rowCommandId)));
    expect(rowIds).not.toContain(commandId('peekRecord'));
    for (const name of onRows) {
      expect(contributes.commands.map(({ command }) => command)).toContain(rowCommandId(name));
      expect(contributes.menus.commandPalette).toContainEqual({ command: rowCommandId(name), when: 'false' });
    }
  });

  test('that are icons are in the menu of their row too', () => {
    const items = contributes.menus['view/item/context'] ?? [];
    const groupsOf = (command: string) =>
      items.filter((item) => item.command === command).map(({ group }) => group);
    for (const name of onRows) {
      const groups = groupsOf(rowCommandId(name));
      expect(
        groups.some((group) => group?.startsWith('inline') !== true),
        name,
      ).toBe(true);
    }
  });

  test.each<[CommandName, string, boolean]>([
    ['peekRecord', 'deadRecord', true],
    ['peekRecord', 'deadLetters', false],
    ['requeueRecord', 'waitingRecord', false],
    ['startJob', 'config here embedded', true],
    ['startJob', 'config elsewhere embedded', false],
    ['stopJob', 'running here flink pinned', true],
    ['unpinJob', 'running here embedded', false],
  ])('%s stands on a row of %s: %s', (name, context, stands) => {
    expect(isAmong(rowsOf(name) ?? { view: '', patterns: ['^$'] }, context)).toBe(stands);
  });
});

import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Row } from './figures.ts';

/** A row as the editor draws it. */
export function treeItem(row: Row, isOpenable: boolean): TreeItem {
  const item = new TreeItem(
    row.label,
    isOpenable ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  item.id = row.id;
  item.description = row.description;
  item.tooltip = new MarkdownString().appendText(row.tooltip);
  item.iconPath = new ThemeIcon(row.icon, row.color === undefined ? undefined : new ThemeColor(row.color));
  item.contextValue = row.context;
  item.accessibilityInformation = { label: `${row.label}, ${row.description}` };
  return item;
}

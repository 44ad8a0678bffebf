import { dirname, relative, sep } from 'node:path';
import { storeName } from '../../../../schemas/kafka/storeName.ts';
import type { Row, Translate } from '../figures.ts';
import { shownStateText, shownStates, type ListedJob } from './listedJob.ts';

/** What jobs can be grouped by. */
export const groupings = ['folder', 'store', 'state'] as const;

export type Grouping = (typeof groupings)[number];

/** From how many rows on groups are offered. */
export const manyJobs = 8;

/** A folder of the workspace. */
export interface WorkspaceRoot {
  readonly name: string;
  readonly path: string;
}

export interface Group<T extends ListedJob> {
  readonly row: Row;
  /** In the order in which they were given. */
  readonly jobs: readonly T[];
}

interface Kind {
  /** The same for all jobs of a group, whatever their figures are. */
  readonly key: string;
  readonly label: string;
  readonly tooltip: string;
}

/** @param roots  the folders of the workspace, for grouping by folder */
export function groupsOf<T extends ListedJob>(
  jobs: readonly T[],
  grouping: Grouping,
  roots: readonly WorkspaceRoot[],
  t: Translate,
): readonly Group<T>[] {
  const groups = new Map<string, { readonly kind: Kind; readonly jobs: T[] }>();
  for (const job of jobs) {
    const kind = kindOf(job, grouping, roots, t);
    const group = groups.get(kind.key) ?? { kind, jobs: [] };
    groups.set(kind.key, group);
    group.jobs.push(job);
  }
  const place = ({ kind, jobs: [first] }: { readonly kind: Kind; readonly jobs: readonly T[] }) =>
    grouping === 'state' && first ? shownStates.indexOf(first.state) : kind.key === elsewhere ? 1 : 0;
  return [...groups.values()]
    .sort((a, b) => place(a) - place(b) || (a.kind.label < b.kind.label ? -1 : 1))
    .map((group) => ({ row: groupRow(grouping, group.kind, group.jobs, t), jobs: group.jobs }));
}

const icons: Readonly<Record<Grouping, string>> = {
  folder: 'folder',
  store: 'database',
  state: 'list-filter',
};

const elsewhere = '';

function kindOf(job: ListedJob, grouping: Grouping, roots: readonly WorkspaceRoot[], t: Translate): Kind {
  switch (grouping) {
    case 'folder':
      return folderKind(job, roots, t);
    case 'store': {
      const label = storeName(job.store);
      return { key: job.store, label, tooltip: label };
    }
    case 'state': {
      const label = shownStateText(job.state, t);
      return { key: job.state, label, tooltip: label };
    }
  }
}

/** A config is mostly alone in its folder, so jobs are grouped by the folder around that; a config right in a folder of the
 *  workspace has that folder. */
function folderKind({ configPath }: ListedJob, roots: readonly WorkspaceRoot[], t: Translate): Kind {
  if (configPath === undefined) {
    const label = t('On other machines');
    return { key: elsewhere, label, tooltip: label };
  }
  const own = dirname(configPath);
  const [root] = roots
    .filter(({ path }) => own === path || own.startsWith(path.endsWith(sep) ? path : path + sep))
    .sort((a, b) => b.path.length - a.path.length);
  const path = own === root?.path ? own : dirname(own);
  return { key: path, label: root ? folderLabel(path, root, roots.length) : path, tooltip: path };
}

function folderLabel(path: string, root: WorkspaceRoot, roots: number): string {
  if (path === root.path) return root.name;
  const inside = relative(root.path, path);
  return roots > 1 ? `${root.name}${sep}${inside}` : inside;
}

/** The row of a group. */
function groupRow(
  grouping: Grouping,
  { key, label, tooltip }: Kind,
  jobs: readonly ListedJob[],
  t: Translate,
): Row {
  const failed = jobs.filter(({ state }) => state === 'failed' || state === 'full').length;
  const count = jobs.length === 1 ? t('1 job') : t('{0} jobs', jobs.length);
  const isMarked = failed > 0 && grouping !== 'state';
  return {
    id: `group:${grouping}:${key}`,
    label,
    description: isMarked ? t('{0} of {1} jobs failed', failed, jobs.length) : count,
    tooltip,
    icon: icons[grouping],
    ...(isMarked ? { color: 'list.errorForeground' } : {}),
    context: 'group',
  };
}

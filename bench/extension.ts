import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { made } from '../test/e2e/made.ts';
import { closeWindows, openWindow } from '../test/e2e/window.ts';
import { cache, createRows, percentile, report, root, until } from './support.ts';

/** What the probe beside our extension writes down of each activation. */
interface Activation {
  readonly loadMs: number;
  readonly activateMs: number;
  readonly processes: number;
  readonly connections: number;
  /** Then it was not the probe that activated it. */
  readonly wasActive: boolean;
}

/** A window for each, as an activation is only once in an extension host. */
const windows = 24;
const folder = join(cache, 'bench', 'extension');
const workspace = join(folder, 'workspace');
const written = join(folder, 'activations.jsonl');

function activations(): readonly Activation[] {
  const lines = existsSync(written) ? readFileSync(written, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Activation);
}

async function main(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), join(workspace, 'digits'), { recursive: true });
  const probe = join(folder, 'probe');
  cpSync(join(root, 'bench', 'extension'), probe, { recursive: true });
  const vscode = await openWindow({
    ...made,
    workspace,
    folder,
    beside: probe,
    env: { BENCH_ACTIVATIONS: written, CLUSTER_SERVING_STATE: join(folder, 'state') },
  });
  try {
    for (let count = 1; count <= windows; count++) {
      if (count > 1) await vscode.reload();
      await until(() => activations().length >= count, `activation ${count}`);
    }
  } finally {
    await closeWindows();
  }
  tell(activations());
}

function tell(seen: readonly Activation[]): void {
  if (seen.some(({ wasActive, activateMs }) => wasActive || activateMs === 0))
    throw new Error('Something else than the probe has activated the extension.');
  const { rows, row } = createRows();
  const ms = (values: readonly number[]) =>
    `${percentile(values, 0.95).toFixed(1)} ms (median ${percentile(values, 0.5).toFixed(1)} ms)`;
  const activate = seen.map(({ activateMs }) => activateMs);
  const load = seen.map(({ loadMs }) => loadMs);
  const sum = (of: 'processes' | 'connections') => seen.reduce((all, one) => all + one[of], 0);
  row(
    `activate(), p95 of ${seen.length} windows`,
    ms(activate),
    '<= 50 ms',
    percentile(activate, 0.95) <= 50,
  );
  row('loading its code, p95', ms(load), '<= 60 ms', percentile(load, 0.95) <= 60);
  for (const [of, name] of [
    ['processes', 'processes that it starts'],
    ['connections', 'connections that it opens'],
  ] as const)
    row(`${name}, until a second later`, String(sum(of)), '0', sum(of) === 0);
  report('extension', rows);
  process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
}

void main();

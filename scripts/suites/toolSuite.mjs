/* The tools that only say yes or no about the sources; each counts as one. */
import { join } from 'node:path';
import { root, say } from '../machine/setup.mjs';

const tools = [
  [['typescript', 'bin', 'tsc'], '-b'],
  [['eslint', 'bin', 'eslint.js'], '.', '--max-warnings', '0'],
  [['prettier', 'bin', 'prettier.cjs'], '--check', '--log-level', 'warn', '.'],
  [
    ['dependency-cruiser', 'bin', 'dependency-cruise.mjs'],
    ...['--config', '.dependency-cruiser.mjs', 'schemas', 'server', 'client'],
  ],
  [['knip', 'bin', 'knip.js']],
  [['vitepress', 'bin', 'vitepress.js'], 'build', 'docs'],
];

/** ESLint takes longer than all others together, which run beside it; what each prints comes when it has ended. */
export async function testTools() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const [types, lint, ...others] = tools;
  const inTurn = async (some) => {
    for (const [path, ...args] of some) counts[(await runTool(path, args)) ? 'passed' : 'failed'] += 1;
  };
  // What it writes is read by the others.
  await inTurn([types]);
  await Promise.all([inTurn([lint]), inTurn(others)]);
  return counts;
}

async function runTool(path, args) {
  // It may not be installed before `ensureDependencies`.
  const { execa } = await import('execa');
  const tool = await execa(process.execPath, [join(root, 'node_modules', ...path), ...args], {
    cwd: root,
    all: true,
    reject: false,
    env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
  });
  say([path[0], ...args].join(' '));
  if (tool.all) console.log(tool.all);
  return tool.exitCode === 0;
}

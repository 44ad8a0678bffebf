import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiagnosticSeverity, type Diagnostic, type DocumentDiagnosticReport } from 'vscode-languageserver';
import { ServingError } from '../../schemas/errors.ts';
import { spellings } from '../../schemas/config/spellings.ts';
import { worldProblems } from '../../schemas/config/problems.ts';
import { modelOf } from '../../server/src/jobs/modelOf.ts';
import { loadConfig, type LoadedConfig } from '../../server/src/workspace/loadConfig.ts';
import { originals } from '../server/config/originals.ts';
import { startLanguageClient, type LanguageClient } from '../support/languageClient.ts';
import type { LintProblem, LintReport } from '../support/lintReport.ts';
import { mutatedConfigs, unreadableConfigs, type MutatedConfig } from '../support/mutateConfig.ts';
import { models, root } from '../support/serving.ts';

/* The editor, `lint` and `start` are three programs; what one says of a config, the others say, too. */

const folder = mkdtempSync(join(tmpdir(), 'agreement-'));
const mutated = mutatedConfigs(19, 300);
const unreadable = unreadableConfigs(19);
const real: readonly MutatedConfig[] = originals.map(({ name, text }) => ({
  name,
  bytes: Buffer.from(text),
}));
const all = new Map<string, MutatedConfig>([
  ...mutated.map((config, i) => [`mutated${i}/config.yaml`, config] as const),
  ...real.map((config, i) => [`real${i}/config.yaml`, config] as const),
  ...unreadable.map((config, i) => [`unreadable${i}/config.yaml`, config] as const),
]);
let client: LanguageClient;
let report: LintReport;

beforeAll(async () => {
  for (const [path, { bytes }] of all) {
    mkdirSync(join(folder, path, '..'));
    writeFileSync(join(folder, path), bytes);
  }
  symlinkSync(join(models, 'echo'), join(folder, 'model'));
  const programs = await buildPrograms();
  report = await lint(programs.lint);
  client = await startLanguageClient({
    program: programs.languageServer,
    folder,
    capabilities: { textDocument: { diagnostic: {} } },
  });
  // All are open before the first is asked for, since some problems are about two of them.
  for (const [path, { bytes }] of all)
    if (!path.startsWith('unreadable')) await client.open(uriOf(path), bytes.toString('utf8'));
}, 60_000);
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As they are in the repository, and not as they were last built. */
async function buildPrograms(): Promise<{ readonly lint: string; readonly languageServer: string }> {
  const outdir = join(folder, '.programs');
  await build({
    absWorkingDir: root,
    entryPoints: { lint: 'server/src/cli/lintMain.ts', languageServer: 'server/src/lsp/main.ts' },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { CLUSTER_SERVING_VERSION: '"0"' },
    logLevel: 'error',
  });
  return { lint: join(outdir, 'lint.cjs'), languageServer: join(outdir, 'languageServer.cjs') };
}

function lint(program: string): Promise<LintReport> {
  return new Promise((resolve, reject) => {
    const args = [program, '--format', 'json'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1e9 }, (_, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as LintReport);
      } catch {
        reject(new Error(stderr));
      }
    });
  });
}

function uriOf(path: string): string {
  return pathToFileURL(join(folder, path)).href;
}

async function inEditor(path: string): Promise<readonly Diagnostic[]> {
  const found = await client.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
    textDocument: { uri: uriOf(path) },
  });
  return found.kind === 'full' ? found.items : [];
}

const severities = ['', 'error', 'warning', 'information', 'hint'];

function asLintHasIt({ code, severity, message, range: { start, end } }: Diagnostic): LintProblem {
  return {
    code: String(code),
    severity: severities[severity ?? DiagnosticSeverity.Error] ?? '',
    message: typeof message === 'string' ? message : message.value,
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** What `start` says of a config before it looks for Redis: nothing, or what is wrong with its text or its model. */
async function start(path: string): Promise<{ readonly text: readonly string[]; readonly world?: ServingError }> {
  let loaded: LoadedConfig;
  try {
    loaded = loadConfig(path);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return { text: error.message.split('\n') };
  }
  return modelOf(loaded).then(
    () => ({ text: [] }),
    (error: unknown) => ({ text: [], world: error as ServingError }),
  );
} // prettier-ignore

test('there is enough to agree about', () => {
  expect(mutated.length).toBeGreaterThanOrEqual(200);
  expect(real.length).toBeGreaterThanOrEqual(93);
  const codes = new Set(report.files.flatMap(({ problems }) => problems.map(({ code }) => code)));
  expect(codes.size).toBeGreaterThanOrEqual(20);
});

/** What has its model and two more keys in their places is a config, whatever else is wrong with it. */
function isConfig(text: string): boolean {
  const names = new Set(spellings.map(({ name }) => name.split('.').at(-1)));
  // A second document has no keys of the config.
  const [first = ''] = text.split(/(?<=\S\s*)^---/m);
  const keys = Array.from(first.matchAll(/^\uFEFF?((?: {2})?)(\w+)[ \t]*:(?=[ \t\r\n]|$)/gm), ([, indent = '', name = '']) => indent + name);
  const isModelNamed = keys.includes('modelPath') || (/^\uFEFF?## .*Cluster Serving/.test(text) && keys.includes('model') && keys.includes('  path'));
  return isModelNamed && keys.filter((key) => names.has(key.trim())).length >= 3;
} // prettier-ignore

test('lint recognises every config that has its model and two more keys, whatever else was done to it', () => {
  const seen = new Set(report.files.map(({ path }) => path));
  const readable = [...all].filter(([path]) => !path.startsWith('unreadable'));
  const configs = readable.filter(([, { bytes }]) => isConfig(bytes.toString()));
  expect(configs.length).toBeGreaterThanOrEqual(280);
  const missing = configs.filter(([path]) => !seen.has(path));
  expect(missing.map(([path, { name, bytes }]) => [path, name, bytes.toString()])).toEqual([]);
});

test('the editor shows what lint reports', async () => {
  for (const { path, problems } of report.files) {
    const wanted = problems.map(({ code, severity, message, startLine, startColumn, endLine, endColumn }) => ({ code, severity, message, startLine, startColumn, endLine, endColumn }));
    expect([path, all.get(path)?.name, (await inEditor(path)).map(asLintHasIt)]).toEqual([path, all.get(path)?.name, wanted]);
  }
}); // prettier-ignore

test('start refuses what lint calls an error, in the same words, and nothing else', async () => {
  for (const { path, problems } of report.files) {
    const errors = problems.filter(({ severity }) => severity === 'error');
    const isWorld = ({ code }: LintProblem) => Object.hasOwn(worldProblems, code);
    const full = join(folder, path);
    const found = await start(full);
    const lines = errors
      .filter((problem) => !isWorld(problem))
      .map(({ code, message, startLine, startColumn }) => `${full}:${startLine}:${startColumn}: error ${code}: ${message}`);
    // What the environment lacks only the start sees: lint does not look into it.
    const text = found.text.filter((line) => !line.includes(' error env-missing: '));
    expect([path, text]).toEqual([path, lines]);
    if (found.text.length > 0) continue;
    const [trouble] = errors.filter(({ code }) => code.startsWith('model-') || code === 'runtime-missing');
    expect([path, found.world?.message ?? '']).toEqual([path, trouble ? expect.stringContaining(trouble.message.replace(/ Is .* meant\?$/, '')) : '']);
  }
}); // prettier-ignore

test('none of them reads a file in another encoding, and lint and start give the same reason', async () => {
  expect(report.unread).toHaveLength(unreadable.length);
  for (const { path, trouble } of report.unread) {
    expect((await start(join(folder, path))).text.join('\n')).toContain(trouble);
    expect(await inEditor(path)).toEqual([]);
  }
});

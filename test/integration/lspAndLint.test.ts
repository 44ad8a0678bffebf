import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DocumentDiagnosticReport } from 'vscode-languageserver';
import { readConfig } from '../../server/src/config/readConfig.ts';
import { startLanguageClient, type LanguageClient } from '../support/languageClient.ts';
import type { LintReport } from '../support/lintReport.ts';
import { openWorkshop, root, type CommandOptions, type Workshop } from '../support/serving.ts';

let folder = '';
let workshop: Workshop;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lint-'));
  workshop = openWorkshop('lint');
  cpSync(join(root, 'test', 'fixtures', 'configs'), folder, { recursive: true });
  writeFileSync(join(folder, 'foreign.yaml'), 'title: x\nmodelPath: y\nparams: {}\n');
});

afterAll(async () => {
  await workshop.close();
  rmSync(folder, { recursive: true, force: true });
});

const lint = (...args: string[]) => workshop.cliWith({ cwd: folder }, 'lint', ...args);
const lintWith = (options: CommandOptions, ...args: string[]) =>
  workshop.cliWith({ cwd: folder, ...options }, 'lint', ...args);

test('editor and command line find the same in every file', async () => {
  const { code, stdout } = await lint('--format', 'json');
  expect(code).toBe(1);
  const { files } = JSON.parse(stdout) as LintReport;
  const names = readdirSync(join(root, 'test', 'fixtures', 'configs')).sort();
  expect(files.map(({ path }) => path).sort()).toEqual(names);
  const client: LanguageClient = await startLanguageClient({
    folder,
    capabilities: { textDocument: { diagnostic: {} } },
  });
  // All are opened first, since some problems are about two of them.
  for (const { path } of files)
    await client.open(pathToFileURL(join(folder, path)).href, readFileSync(join(folder, path), 'utf8'));
  const severities = ['', 'error', 'warning', 'information', 'hint'];
  for (const { path, problems } of files) {
    const report = await client.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri: pathToFileURL(join(folder, path)).href },
    });
    const inEditor = (report.kind === 'full' ? report.items : []).map(
      ({ code: name, severity, message, range }) => ({
        code: name,
        severity: severities[severity ?? 0],
        message,
        startLine: range.start.line + 1,
        startColumn: range.start.character + 1,
        endLine: range.end.line + 1,
        endColumn: range.end.character + 1,
      }),
    );
    const onLine = problems.map(
      ({ code: name, severity, message, startLine, startColumn, endLine, endColumn }) => ({
        code: name,
        severity,
        message,
        startLine,
        startColumn,
        endLine,
        endColumn,
      }),
    );
    expect({ path, problems: inEditor }).toEqual({ path, problems: onLine });
  }
  await client.close();
});

describe('lint', () => {
  test('ends with 0, 1 and 2', async () => {
    writeFileSync(join(folder, 'clean.yml'), readFileSync(join(root, 'examples', 'digits', 'config.yaml')));
    const digits = join(root, 'examples', 'digits', 'config.yaml');
    expect(await lint(digits)).toMatchObject({ code: 0, stderr: '' });
    expect((await lint('template-flat.yaml')).code).toBe(1);
    expect((await lint('nowhere.yaml')).code).toBe(2);
    expect((await lint('--format', 'xml')).code).toBe(2);
    expect((await lint('--severity', 'nope=off')).code).toBe(2);
    expect((await lint('--severity', 'model-missing=off', 'indented.yaml')).code).toBe(0);
    rmSync(join(folder, 'clean.yml'));
  });

  test('leaves files of other programs alone, unless it must not', async () => {
    expect(await lint('foreign.yaml')).toMatchObject({ code: 0 });
    expect((await lint('--force', 'foreign.yaml')).code).toBe(1);
  });

  test('checks lists of models, too', async () => {
    const { code, stdout } = await lintWith({ input: 'modelMetaDataList:\n- modelName: a\n' }, '-');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^config\.yaml:2:3: error servable-tag: /);
  });

  test('writes SARIF with a rule for each result', async () => {
    const { stdout } = await lint('--format', 'sarif', 'template-flat.yaml');
    const { version, runs } = JSON.parse(stdout) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; level: string; locations: unknown[] }[];
      }[];
    };
    expect(version).toBe('2.1.0');
    const [run] = runs;
    expect(run?.results.length).toBeGreaterThan(3);
    for (const { ruleId, ruleIndex, level } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['error', 'warning', 'note']).toContain(level);
    }
    expect(run?.results[0]?.locations[0]).toMatchObject({
      physicalLocation: {
        artifactLocation: { uri: 'template-flat.yaml' },
        region: { startLine: 4, startColumn: 12 },
      },
    });
  });

  test('writes annotations for GitHub', async () => {
    const { stdout } = await lint('--format', 'github', 'indented.yaml');
    expect(stdout).toMatch(
      /^::error file=indented\.yaml,line=1,endLine=1,col=16,endColumn=31,title=model-missing::.+\n$/,
    );
  });

  test('reads the standard input', async () => {
    const { code, stdout } = await lintWith({ input: 'job_name: x\n' }, '-', '--format', 'json');
    expect(code).toBe(1);
    const { files } = JSON.parse(stdout) as LintReport;
    expect(files[0]?.path).toBe('config.yaml');
    expect(files[0]?.problems.map((problem) => problem.code)).toEqual(['unknown-key', 'model-path-missing']);
  });

  test('corrects files in place, and the standard input on the standard output', async () => {
    const before = 'modelpath: /m # 😀\r\nperformance_mode: 1\r\n';
    const after = 'modelPath: /m # 😀\r\n# performance_mode: 1\r\n';
    writeFileSync(join(folder, 'fix.yaml'), before);
    await lint('--fix', 'fix.yaml');
    expect(readFileSync(join(folder, 'fix.yaml'), 'utf8')).toBe(after);
    rmSync(join(folder, 'fix.yaml'));
    expect((await lintWith({ input: before }, '-', '--fix')).stdout).toBe(after);
  });

  test('corrects the configs that people have without a change of what is read', async () => {
    for (const name of readdirSync(join(root, 'test', 'fixtures', 'configs'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      const { stdout } = await lintWith({ input: text }, '-', '--fix');
      const before = readConfig(text).config;
      if (before) expect({ name, config: readConfig(stdout).config }).toEqual({ name, config: before });
    }
  });
});

// Writes what is derived from the tables in schemas/: the JSON schema, docs/config.md, docs/commands.md, the options in
// docs/http.md, the tools in docs/agents.md, what the editor reads in package.json, the man pages, and what the job for Flink shares with the engine.
// With --check nothing is written, and the exit code is 1 when a file is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { format } from 'prettier';
import { commandsPage } from './commandsPage.mjs';
import { grammar } from './grammar.mjs';
import { javaFiles } from './javaConstants.mjs';
import { luaModule, luaTexts } from './luaTexts.mjs';
import { loadToolSchemas } from './toolSchemas.mjs';
import { manifestTexts, withContributions } from './manifest.mjs';

const root = join(import.meta.dirname, '..', '..');
const tables = await loadTables();
const toolSchemas = await loadToolSchemas(root);
const texts = luaTexts(root, tables.luaConstants);
const { configKeys, configProblems, deadKeys, notSupported, oldSections } = tables;

const fromEnv = '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}';
const kinds = {
  hostPort: 'host:port',
  brokers: 'host:port[,host:port]',
  imageSize: 'height,width',
  filter: 'filter',
  version: 'latest or number',
  secret: 'password',
  int: 'whole number',
};

/** What a running job does with a change of a key; docs/reload.md has more. */
const changes = { live: 'counts at once', load: 'loads', restart: 'restart', none: 'next start' };

const stale = [];
for (const [path, make] of [
  ['schemas/config.schema.json', () => `${JSON.stringify(schema(), null, 2)}\n`],
  ['docs/config.md', () => markdown(page())],
  ['syntaxes/cluster-serving.tmLanguage.json', () => json(grammar(configKeys, oldSections, deadKeys))],
  ['docs/models.md', modelsPage],
  ['docs/commands.md', () => markdown(commandsPage(tables, table))],
  ['docs/http.md', frontendOptionsPage],
  ['docs/agents.md', agentsPage],
  [
    'package.json',
    (before) => json({ ...withContributions(JSON.parse(before), tables, toolSchemas), man: manPaths() }),
  ],
  ['package.nls.json', (before) => json(manifestTexts(JSON.parse(before), tables))],
  ...[...tables.manPages(packageVersion())].map(([name, text]) => [`man/${name}`, () => text]),
  ['server/src/queue/scripts/luaTexts.ts', () => typescript(luaModule(texts))],
  ...javaFiles(tables, texts).map(([path, text]) => [path, () => text]),
]) {
  const file = join(root, path);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const after = await make(before);
  if (after === undefined || after === before) continue;
  stale.push(path);
  if (process.argv.includes('--check')) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, after);
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run "npm run generate".`);
  process.exitCode = 1;
} else if (stale.length > 0) console.log(`Wrote ${stale.join(', ')}.`);

/** npm links only pages that are named one by one. */
function manPaths() {
  return [...tables.manPages(packageVersion()).keys()].map((name) => `man/${name}`);
}

/** The tables are TypeScript, which Node 20 does not run: they are bundled in memory and imported from there. */
async function loadTables() {
  const names = [
    'config/configKeys',
    'config/keyChanges',
    'config/problems',
    'config/oldKeys',
    'config/notSupported',
    'editor/commands',
    'editor/settings',
    'editor/languageMessages',
    'editor/editorTasks',
    'editor/modelEditors',
    'redis/redisKeys',
    'redis/recordLimits',
    'runtimes',
    'programs/cliCommands',
    'programs/cliGroups',
    'programs/cliOptions',
    'programs/frontendOptions',
    'programs/mcpTools',
  ];
  const files = [
    ...names.map((name) => `schemas/${name}.ts`),
    'server/src/queue/scripts/luaConstants.ts',
    'server/src/cli/shell/manPages.ts',
  ];
  const contents = files.map((file) => `export * from './${file}';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    // The scripts are text; of the client that runs them nothing is needed.
    plugins: [
      {
        name: 'no-client',
        setup({ onLoad, onResolve }) {
          onResolve({ filter: /^ioredis$/ }, () => ({ path: 'ioredis', namespace: 'none' }));
          onLoad({ filter: /.*/, namespace: 'none' }, () => ({
            contents: 'export const Redis = undefined;',
          }));
        },
      },
    ],
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

function packageVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** Draft 7, which every editor reads. Unknown keys are allowed, as they are when the file is read; older names are there
 *  and deprecated. Values are as one should write them: what is read beyond that (quoted numbers, yes and no) is not. */
function schema() {
  const properties = {};
  for (const [key, row] of Object.entries(configKeys)) {
    properties[key] = property(row);
    for (const alias of row.aliases ?? []) {
      const description = `Older name of ${key}.`;
      properties[alias] = {
        ...property(row),
        description,
        deprecated: true,
        deprecationMessage: `Write ${key}.`,
      };
    }
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'config.yaml of Cluster Serving',
    type: 'object',
    properties,
    additionalProperties: true,
  };
}

function property(row) {
  const description = row.meaning;
  const written = defaultText(row);
  const common = written === '' ? { description } : { description, default: defaultValue(row) };
  const text = (pattern) => ({ ...common, type: ['string', 'null'], pattern: `^$|${pattern}|${fromEnv}` });
  switch (row.type) {
    case 'int': {
      const limits = { minimum: row.min, maximum: row.max ?? 2 ** 31 - 1 };
      return {
        ...common,
        anyOf: [{ type: 'integer', ...limits }, { type: 'string', pattern: fromEnv }, { type: 'null' }],
      };
    }
    case 'boolean':
      return {
        ...common,
        anyOf: [{ type: 'boolean' }, { type: 'string', pattern: fromEnv }, { type: 'null' }],
      };
    case 'enum':
      return {
        ...common,
        anyOf: [{ enum: row.values }, { type: 'string', pattern: fromEnv }, { type: 'null' }],
      };
    case 'hostPort':
    case 'brokers':
      return text(':\\d+$');
    case 'size':
      return { ...text('^\\d+([kKmMgG]?[bB]?)$'), type: ['string', 'integer', 'null'] };
    case 'imageSize':
      return text('^\\s*\\d+\\s*,\\s*\\d+\\s*$');
    case 'version':
      return { ...text('^(latest|\\d+)$'), type: ['string', 'integer', 'null'] };
    case 'filter':
      return text('^(topN|pickTopN)\\(\\s*\\d+\\s*\\)$');
    default:
      return { ...common, type: ['string', 'number', 'boolean', 'null'] };
  }
}

function defaultValue({ default: value }) {
  return typeof value === 'object' ? `${value.host}:${value.port}` : value;
}

function defaultText(row) {
  return String(defaultValue(row));
}

function page() {
  const hasNew = Object.values(configKeys).some(({ notInOriginal }) => notInOriginal);
  return [
    '# config.yaml',
    '<!-- Generated from schemas/ by "npm run generate"; edit the tables there. -->',
    'One `key: value` a line.',
    'The case of keys does not matter, and `${env:NAME}` in a value stands for a variable of the environment.',
    'A key without a value has its default.',
    '\n## Keys\n',
    keyTable(),
    '\nThe last column is [what a running job does](reload.md) with a change: it counts from the next batch on, the model is loaded beside the old one, or the job needs a restart.\n',
    hasNew ? '\nKeys marked with * are not known to the original, which ignores them.\n' : '',
    '\n## Older forms\n',
    'These are still read.\n',
    table(
      ['older', 'now'],
      Object.entries(configKeys).flatMap(([key, { aliases = [], nested = [] }]) =>
        [...aliases, ...nested].map((older) => [code(older), code(key)]),
      ),
    ),
    '\nThese no longer have an effect.\n',
    table(
      ['key', 'because'],
      Object.entries(deadKeys).map(([key, reason]) => [code(key), reason]),
    ),
    '\n## Not supported yet\n',
    notSupported.map(({ key, instead }) => `- ${code(key)}: ${instead}`).join('\n'),
    '\n## Problems\n',
    'An error prevents the start.',
    'The others can be switched off for one line by a comment before it: `# cluster-serving-disable-next-line CODE, CODE`.\n',
    table(
      ['code', 'severity', 'what it says', 'what to know'],
      Object.entries(configProblems).map(([name, { severity, summary, help }]) => [
        anchor(name) + code(name),
        severity,
        escaped(summary),
        escaped(help),
      ]),
    ),
  ].join('\n');
}

function keyTable() {
  return table(
    ['key', 'kind', 'default', 'meaning', 'example', 'a change'],
    Object.entries(configKeys).map(([key, row]) => [
      anchor(key) + code(key) + (row.notInOriginal ? ' \\*' : ''),
      kind(row),
      row.required ? '(required)' : defaultText(row) && code(defaultText(row)),
      escaped(row.meaning),
      code(row.example),
      changes[tables.keyChanges[key]],
    ]),
  );
}

function kind({ type, unit, values, min }) {
  if (values) return values.map(code).join(' or ');
  const name = kinds[type] ?? type;
  const from = min === undefined ? '' : `, at least ${min}`;
  return (unit === undefined ? name : `${name}, ${unit}`) + from;
}

/** The table of options at the end of the page on HTTP. */
async function frontendOptionsPage(before) {
  const rows = Object.entries(tables.frontendOptions).map(([name, row]) => [
    code(name) + (row.notInOriginal ? ' \\*' : '') + (row.withinWorker ? ' †' : ''),
    row.default === '' ? '' : code(String(row.default)),
    row.unit ?? '',
    escaped(row.meaning),
  ]);
  const start = before.indexOf('<!-- options -->');
  return markdown(
    `${before.slice(0, start)}<!-- options -->\n\n${table(['option', 'default', 'unit', 'meaning'], rows)}\n`,
  );
}

/** The table of models in the page about them. */
async function modelsPage(before) {
  const rows = Object.values(tables.modelTypes).map(({ title, holds, runtimes, instead }) => {
    const by = runtimes.map((name) => {
      const { title: runtime, onFlink } = tables.runtimes[name];
      const fromWhere = { bundled: 'part of the worker', sent: 'sent along', found: "the TaskManager's" };
      return `${runtime}, on Flink ${fromWhere[onFlink]}`;
    });
    return [title, holds, by.join('; or ') || 'nothing yet', instead ?? ''];
  });
  const [start, end] = ['<!-- types:start -->', '<!-- types:end -->'];
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  const types = await markdown(table(['model', 'a folder holds', 'run by', 'otherwise'], rows));
  return `${before.slice(0, from + start.length)}\n\n${types}\n${before.slice(to)}`;
}

/** The table of tools in the page about agents. */
async function agentsPage(before) {
  const effects = {
    reads: 'nothing',
    runs: 'nothing; runs the Python or loads the library that the config names',
    sends: 'puts records into a queue',
    changes: 'jobs or queues',
  };
  const rows = Object.entries(tables.mcpTools).map(([name, { meaning, effect }]) => [
    code(name),
    escaped(meaning),
    effects[effect],
  ]);
  const [start, end] = ['<!-- tools:start -->', '<!-- tools:end -->'];
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  const list = await markdown(table(['tool', 'what it does', 'changes'], rows));
  return `${before.slice(0, from + start.length)}\n\n${list}\n${before.slice(to)}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What editors link to. */
function anchor(name) {
  return `<a id="${name}"></a>`;
}

/** Text that a page does not take for markup. */
function escaped(text) {
  return text.replaceAll('<', '&lt;');
}

function code(text) {
  return `\`${text}\``;
}

function json(value) {
  return format(JSON.stringify(value), { parser: 'json-stringify', printWidth: 110 });
}

function markdown(text) {
  return format(text, { parser: 'markdown', proseWrap: 'preserve', singleQuote: true, printWidth: 110 });
}

function typescript(text) {
  return format(text, { parser: 'typescript', singleQuote: true, printWidth: 110 });
}

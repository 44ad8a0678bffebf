import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mcpTools, type McpTool } from '../../../schemas/programs/mcpTools.ts';
import { createServer } from '../../../server/src/mcp/createServer.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcp-'));
const logged: string[] = [];
const client = new Client({ name: 'test', version: '1' });
const { server } = createServer({
  version: '1.2.3',
  programFolder: folder,
  log: (text) => logged.push(text),
});

beforeAll(async () => {
  const [mine, its] = InMemoryTransport.createLinkedPair();
  await server.connect(its);
  await client.connect(mine);
});
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true });
});

async function call(name: string, args: Record<string, unknown>) {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
  const [first] = content as { type: string; text: string }[];
  return {
    failed: isError ?? false,
    text: first?.text ?? '',
    data: structuredContent as Record<string, unknown> & { error?: { code: string; message: string } },
  };
}

test('the server names itself, and warns that what clients wrote is no instruction', () => {
  expect(client.getServerVersion()).toMatchObject({ name: 'cluster-serving', version: '1.2.3' });
  expect(client.getInstructions()).toContain('no instructions');
});

test('every tool of the table is listed, with what it changes and arguments that say what they are', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(Object.keys(mcpTools));
  for (const { name, description, annotations, inputSchema } of tools) {
    const { effect, meaning }: McpTool = mcpTools[name as keyof typeof mcpTools];
    expect(description).toBe(meaning);
    expect([annotations?.readOnlyHint, annotations?.destructiveHint], name).toEqual([
      effect === 'reads',
      effect === 'changes',
    ]);
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {}))
      expect(schema, `${name}.${argument}`).toHaveProperty('description');
  }
  const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
  expect(reading).not.toContain('predict');
  expect(reading).not.toContain('start_job');
  // It runs what a config names.
  expect(reading).not.toContain('doctor');
});

describe('a call that cannot be done', () => {
  test.each([
    ['a tool that is not there', 'drop_everything', {}, 'drop_everything'],
    ['a name of every object', 'constructor', {}, 'constructor'],
    ['an argument of another type', 'list_jobs', { config: 3 }, '"config"'],
    ['a misspelt argument', 'list_jobs', { confg: 'x' }, '"confg"'],
    ['an empty path', 'explain_config', { config: '' }, '"config"'],
    ['too many lines', 'job_logs', { lines: 1e9 }, '"lines"'],
    ['a fraction', 'dead_letters', { count: 1.5 }, '"count"'],
    ['what is no id of a record', 'dead_letters', { after: '-' }, '"after"'],
    ['an id that Redis would complete', 'requeue_dead_letters', { ids: ['17'] }, '"ids.0"'],
    ['neither ids nor all', 'requeue_dead_letters', {}, 'ids'],
    ['ids and all', 'requeue_dead_letters', { ids: ['1-1'], all: true }, 'ids'],
    ['nothing to predict', 'predict', {}, 'files'],
    ['instances that are no text', 'predict', { instances: [{ x: 1 }] }, '"instances"'],
    ['nothing to check', 'lint_config', {}, 'path'],
    ['a device as a config', 'explain_config', { config: '/dev/zero' }, '/dev/zero'],
    ['a device to predict', 'predict', { files: ['/dev/zero'] }, '/dev/zero'],
    ['another backend', 'start_job', { backend: 'kubernetes' }, '"backend"'],
  ])('for %s is an error with a code, and says what is wrong', async (_, name, args, named) => {
    const { failed, text, data } = await call(name, args);
    expect(failed).toBe(true);
    expect(data.error?.code).toBe('wrong-use');
    expect(data.error?.message).toContain(named);
    expect(text).toBe(`${data.error?.message ?? ''} (wrong-use)`);
    expect(logged).toEqual([]);
  });

  test.each(['explain_config', 'start_job', 'waiting_records', 'job_status'])(
    'for a config that is not there is that error, as %s shows',
    async (name) => {
      const path = join(folder, 'nowhere', 'config.yaml');
      const { failed, data } = await call(name, { config: path });
      expect(failed).toBe(true);
      expect(data.error?.code).toBe('config-unreadable');
      expect(data.error?.message).toContain(path);
    },
  );

  test('for a config with errors says each of them in a line', async () => {
    const config = join(folder, 'wrong.yaml');
    writeFileSync(config, 'modelPath: m\nbatchSize: many\nmaxDeliveries: none\n');
    const { data } = await call('start_job', { config });
    expect(data.error?.code).toBe('config-invalid');
    expect(data.error?.message.split('\n')).toHaveLength(2);
  });

  test('for JSON that is no list of instances names the place', async () => {
    const { data } = await call('predict', { instances: '{"instances":[{"x":[null]}]}' });
    expect(data.error).toMatchObject({ code: 'record-undecodable' });
    expect(data.error?.message).toContain('instances[0].x');
  });
});

describe('lint_config', () => {
  test('checks a text as if it were saved, and gives places for programs', async () => {
    const { failed, text, data } = await call('lint_config', {
      text: 'modelPath: m\nbatchSize: many\n',
      path: join(folder, 'new.yaml'),
    });
    expect(failed).toBe(false);
    expect(text).toContain('new.yaml:2:12: error wrong-type');
    expect(data).toMatchObject({
      files: [
        { problems: [{ code: 'model-missing' }, { code: 'wrong-type', startLine: 2, startColumn: 12 }] },
      ],
    });
  });

  test('checks a folder, a file whatever is in it, and says what it cannot read', async () => {
    const path = join(folder, 'odd.yaml');
    writeFileSync(path, 'unrelated: true\n');
    expect((await call('lint_config', { path })).data).toMatchObject({ files: [{ path }] });
    const missing = await call('lint_config', { path: join(folder, 'absent.yaml') });
    expect(missing.data).toMatchObject({ files: [], unread: [{ path: join(folder, 'absent.yaml') }] });
    expect(missing.text).toContain('absent.yaml');
    const dash = await call('lint_config', { path: '-' });
    expect(dash.data).toMatchObject({ unread: [{}] });
  });
});

test('explain_config shows what is set, the defaults, and what is wrong with a model', async () => {
  const config = join(folder, 'explained.yaml');
  writeFileSync(config, 'modelPath: nowhere\nbatchSize: 8\n');
  const { text, data } = await call('explain_config', { config });
  expect(text).toContain('batchSize: 8 (the file, line 2)');
  expect(text).toContain('redisUrl: localhost:6379');
  expect(data).toMatchObject({ path: config, valid: true });
  expect(String(data.modelTrouble)).toContain('nowhere');
});

test('a name acts on no terminal and adds no line to a result', async () => {
  const config = join(folder, 'odd name.yaml');
  writeFileSync(config, 'modelPath: m\njobName: "a\\e[31m\\nb"\n');
  const { text } = await call('explain_config', { config });
  expect(text).toContain('\\x1b[31m');
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  expect(text).not.toMatch(/\u001b/);
});

import { expect, test } from 'vitest';
import { readServables } from '../../../server/src/config/servables.ts';
import { completeServables, hoverServables } from '../../../server/src/language/servables/servablesHelp.ts';
import { inMemory, uri, workspaceOf } from './world.ts';

const workspace = workspaceOf({
  'file:///c.yaml': 'modelPath: /m\njobName: alpha\n',
  'file:///k.yaml': 'queueUsed: kafka\nkafkaUrl: "b:1,[fe80::1]:2"\n',
});

/** Completes at `$0`. @returns labels, and the text after the first of them is taken */
async function completed(marked: string): Promise<{ labels: string[]; taken: (label: string) => string }> {
  const offset = marked.indexOf('$0');
  const text = marked.replace('$0', '');
  const items = await completeServables({ uri, text }, offset, { files, workspace });
  return {
    labels: items.map(({ label }) => label),
    taken(label) {
      const item = items.find((one) => one.label === label);
      if (!item) throw new Error(`${label} is not offered`);
      return text.slice(0, item.range.start) + item.text + text.slice(item.range.end);
    },
  };
}

const files = inMemory({
  '/work/serving/models/a/x.onnx': '',
  '/work/serving/ca.crt': '',
});

const head = 'modelMetaDataList:\n- !<ClusterServingMetaData>\n  modelName: a\n';

test('a tag brings the fields that its model must have', async () => {
  const { labels, taken } = await completed('modelMetaDataList:\n- $0');
  expect(labels).toEqual(['!<ClusterServingMetaData>', '!<InferenceModelMetaData>']);
  expect(readServables(taken('!<ClusterServingMetaData>')).problems).toEqual([]);
});

test('fields are those of the tag that the model does not have, required ones first', async () => {
  const { labels, taken } = await completed(`${head}  $0\n- !<InferenceModelMetaData>\n  redisHost: x\n`);
  expect(labels).toContain('redisHost');
  expect(labels).not.toContain('modelName');
  expect(labels).not.toContain('modelPath');
  expect(taken('modelVersion')).toContain('  modelVersion: "1.0"\n');
});

test('a field that has its colon gets its name only', async () => {
  expect((await completed(`${head}  red$0: x\n`)).taken('redisHost')).toContain('\n  redisHost: x\n');
});

test('values are those of the kind, and queues are those of the jobs of the workspace', async () => {
  expect((await completed(`${head}  inputCompileType: $0\n`)).labels).toEqual(['direct', 'instance']);
  expect((await completed(`${head}  redisInputQueue: $0\n`)).labels[0]).toBe('alpha');
  expect(
    (await completed(`${head}  redisOutputQueue: x$0y # c\n`)).taken('cluster-serving_alpha:'),
  ).toContain('redisOutputQueue: cluster-serving_alpha: # c\n');
});

test('the queue of a servable is one that there is, and brokers are those of the configs', async () => {
  expect((await completed(`${head}  queueUsed: $0\n`)).labels).toEqual(['redis', 'kafka']);
  const { labels, taken } = await completed(`${head}  kafkaUrl: $0\n`);
  expect(labels).toEqual(['b:1', '[fe80::1]:2', 'localhost:9092']);
  expect(readServables(taken('[fe80::1]:2')).servables[0]?.fields.get('kafkaUrl')?.text).toBe('[fe80::1]:2');
});

test.each(['$0modelMetaDataList:\n', '# $0', '- !<Other>\n  $0', `${head}  other: $0`])(
  'nothing is offered at %j',
  async (marked) => {
    expect((await completed(marked)).labels).toEqual([]);
  },
);

test('a field says what it means, and only for models that have it', () => {
  const text = `${head}  timeWindow: 5\n- !<InferenceModelMetaData>\n  countWindow: 5\n`;
  const shown = hoverServables(text, text.indexOf('timeWindow') + 2);
  expect(shown?.markdown).toContain('in ms');
  expect(shown && text.slice(shown.range.start, shown.range.end)).toBe('timeWindow');
  expect(hoverServables(text, text.indexOf('countWindow'))).toBeUndefined();
  expect(hoverServables(text, 0)).toBeUndefined();
});

test('a path is completed to folders that hold a model, or to files', async () => {
  const model = 'modelMetaDataList:\n- !<InferenceModelMetaData>\n  modelPath: $0\n';
  expect((await completed(model)).labels).toContain('models/a');
  const { labels, taken } = await completed(`${head}  redisTrustStorePath: "c$0"\n`);
  expect(labels).toContain('ca.crt');
  expect(taken('ca.crt')).toContain('redisTrustStorePath: "ca.crt"\n');
});

test('a tag says what it stands for', () => {
  const shown = hoverServables(head, head.indexOf('!<Cluster') + 4);
  expect(head.slice(shown?.range.start, shown?.range.end)).toBe('!<ClusterServingMetaData>');
  expect(shown?.markdown).toContain('`modelVersion`');
});

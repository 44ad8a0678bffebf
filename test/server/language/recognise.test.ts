import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configTemplate } from '../../../server/src/config/template.ts';
import { nestedWeights } from '../../../server/src/language/recognise/keyWeights.ts';
import { recognise } from '../../../server/src/language/recognise/recognise.ts';
import { originals } from '../config/originals.ts';
import { othersFiles } from './othersStyles.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, fixtures), 'utf8');

/** The corpus as files: a program's first part, and each further part appended to it. */
const foreign = read('foreign/corpus.txt')
  .split(/^=== /m)
  .slice(1)
  .flatMap((program) => {
    const name = program.slice(0, program.indexOf('\n'));
    const [first = '', ...more] = program.slice(name.length + 1).split(/^%%\n/m);
    return [first, ...more.map((part) => first + part)].map((text, i) => ({ name: `${name} ${i}`, text }));
  });

const own: readonly string[] = [
  'modelPath: /m\n',
  'modelPath:\n',
  'MODELPATH: /m\n',
  'modelPath: /m\njobName: serving2\n',
  'modelPath: /m\njobNam: serving2\n',
  'modlPath: /m\njobName: serving2\n',
  'modelPaht: /m\njobName: x\n# a comment\n',
  'modelPath: /m\nimageRezise: 224,224\nthreadsPerModel: 2\n',
  'modelPath: /m\nbatchSize: 8\nbackend: embedded\n',
  'modelPath: /m\nmodel_path: /n\njob_name: x\n',
  'jobName: x\nredisMaxmemory: 8g\n',
  'secureEnabled: true\nsecureStructStorePassword: 1234qwer\n',
  'coreNumberPerMachine: 4\n',
  'threadPerModel: 4\n',
  'flinkRestUrl: localhost:8081\n',
  'queueUsed: kafka\nkafkaUrl: a:1\n',
  'recordEncrypted: true\n',
  'inputAlreadyBatched: yes\n',
  'modelPath: /m\nmodelPa',
  'modelPath: /m\njobNa\nredisUrl: localhost: 6379\n',
  'modelPath: /m\n  jobName: x\n',
  '"modelPath": /m\n"jobName": x\n',
  '{"modelPath": "/m", "jobName": "x"}\n',
  '{modelPath: /m, jobName: x}\n',
  '{modelPath: /m, redisPassword: "${env:P}", redisUrl: "a:1"}\n',
  '{\n  "modelPath": "${env:HOME}/m",\n  "jobName": "x"\n}\n',
  '---\nmodelPath: /m\nimageResize: 224,224\n',
  '\uFEFFmodelPath: /m\r\njobName: x\r\n',
  '    modelPath: /m\n    jobName: x\n',
  'modelPath: /m\nperformance_mode: true\n',
  'modelPath: /m\npostProcessing: topN(5)\nfoo: 1\nbar: 2\n',
  '<<<<<<< HEAD\nmodelPath: /m\n=======\nmodelPath: /n\n>>>>>>> x\n',
  'model:\n  path: /m\ndata:\n  src: localhost:6379\n',
  'data:\n  src:\n  image_shape: 3,224,224\nparams:\n  batch_size: 4\n  core_number: 4\n',
  'params: {core_number: 4}\n',
  'params:\n  core_number:\n',
  'flink:\n  rest: localhost:8081\nmodel:\n  path:\n',
  'model:\n    path: /m\n    inputs:\n    outputs:\ndata:\n    src:\n    type:\nspark:\n    master: local[*]\n    driver_memory: 2g\n',
  '# cluster-serving\n',
  '# Licence\n#\n# cluster-serving\nfoo: 1\n',
  '# Cluster Serving\n# modelPath: /m\n# jobName: x\n# redisUrl: localhost:6379\n',
  '#modelPath: /m\n#jobName: x\n#imageResize: 1,1\n',
  '# Cluster Serving\njobName: x\n',
  '## Analytics-zoo Cluster Serving\nmodel:\n  path: /m\n',
  '# cluster-serving of the shop\nmodel:\n\tpath: /m\n',
  '# Cluster Serving\nredis:\n  maxmem: 4g\n',
  'modelPath: /m\nsecure:\n  model_encrypted: true\n',
  'model:\n  path: model\nredisUrl: localhost:6379\n',
  'data:\n  src: localhost:22500\nsecure:\n  model_encrypted: true\n  record_encrypted: true\n',
  'jobName: x\nredisUrl: localhost:6379\nflinkRestUrl: localhost:8081\n',
  'modelPath: /m\njobName: x\nredisUrl: h:1\nzzz: 1\n',
  configTemplate(),
];

describe('a file is recognised', () => {
  test('when it is one of the configs that people have', () => {
    for (const name of readdirSync(new URL('configs/', fixtures)))
      expect([name, recognise(read(`configs/${name}`)).kind]).toEqual([name, 'config']);
    expect(recognise(readFileSync(new URL('../../examples/digits/config.yaml', fixtures), 'utf8')).kind).toBe(
      'config',
    );
  });

  test('in every generation of the original, however it is written', () => {
    expect(originals.length).toBeGreaterThanOrEqual(93);
    expect(originals.filter(({ text }) => recognise(text).kind !== 'config').map(({ name }) => name)).toEqual(
      [],
    );
  });

  test('by each key of the older form, beside the model and Redis', () => {
    for (const path of Object.keys(nestedWeights)) {
      const [section = '', key = ''] = path.split('.');
      const value = path === 'data.src' ? 'h:1' : '1';
      const text = `model:\n  path: /m\ndata:\n  src: localhost:6379\n${section}:\n  ${key}: ${value}\n`;
      expect([text, recognise(text).kind]).toEqual([text, 'config']);
    }
    for (const rest of [
      'secure:\n  secure_enabled: false',
      'params:\n  engine_type: mkldnn',
      'params:\n  model_number: 2',
      'redis:\n  maxmem: 4g',
    ])
      expect([rest, recognise(`model:\n  path: /m\n${rest}\n`).kind]).toEqual([rest, 'config']);
  });

  test('in all the forms that a config comes in', () => {
    expect(own.length).toBeGreaterThanOrEqual(40);
    expect(own.filter((text) => recognise(text).kind !== 'config')).toEqual([]);
  });

  test('when it lists models for the frontend', () => {
    expect(recognise('modelMetaDataList:\n - !<ClusterServingMetaData>\n').kind).toBe('servables');
    expect(recognise('# cluster-serving: servables\n').kind).toBe('servables');
  });
});

describe('a file is not recognised', () => {
  test('when it is written for one of the other programs', () => {
    expect(foreign.length).toBeGreaterThanOrEqual(400);
    expect(foreign.filter(({ text }) => recognise(text).kind !== 'foreign').map(({ name }) => name)).toEqual(
      [],
    );
  });

  test('when another program has some of its keys', () => {
    const files = othersFiles();
    expect(files.length).toBeGreaterThanOrEqual(400);
    expect(files.filter(({ text }) => recognise(text).kind !== 'foreign')).toEqual([]);
  });

  test('when its values are those of another program', () => {
    for (const text of [
      'modelPath: ./llama.gguf\n',
      'modelPath: m\nbackend: nccl\n',
      'queueUsed: bull\n',
      'modelPath: {a: b}\n',
      'jobName: x\nmodelPath: s3://b/model.tar.gz\n',
      'imageResize: true\nmodelPath: {x: 1}\n',
      '{"server": {"modelPath": "/m"}, "redisUrl": "h:1"}\n',
    ])
      expect([text, recognise(text).kind]).toEqual([text, 'foreign']);
  });

  test('but a wrong value of a config is reported, not ignored', () => {
    for (const text of [
      'modelPath: /m\nbackend: embeded\n',
      'modelPath: /m\nbatching: true\n',
      'modelPath: /m\nruntime: openVINO\njobName: x\n',
      'modelPath: /m\npostProcessing: top5\n',
      'modelPath: model.pt\njobName: x\nredisUrl: h:1\nthreadPerModel: 2\n',
      'modelPath: /m\nqueueUsed: rabbit\nredisUrl: h:1\nthreadPerModel: 1\n',
    ])
      expect([text, recognise(text).kind]).toEqual([text, 'config']);
  });

  test('when all of it is commented out', () => {
    const commented = foreign.map(({ name, text }) => ({ name, text: text.replace(/^(?=.)/gm, '# ') }));
    expect(
      commented.filter(({ text }) => recognise(text).kind !== 'foreign').map(({ name }) => name),
    ).toEqual([]);
  });

  test('when a modeline says so', () => {
    expect(recognise('# cluster-serving: off\nmodelPath: /m\njobName: x\n').kind).toBe('foreign');
    expect(recognise('# cluster-serving-disable-next-line unknown-key\nfoo: 1\n').kind).toBe('foreign');
  });

  test('when nothing but the absence of foreign keys speaks for it', () => {
    for (const text of [
      'model:\n  path: ckpt.pt\n',
      'model:\n  path: /models/x\n  name: x\n',
      'jobName: x\nredisUrl: localhost:6379\n',
      'jobName: x\nkafkaUrl: a:1\nredisPassword: p\n',
      'imageResize: 224,224\n',
      'redis:\n  maxmem: 4g\n',
    ])
      expect([text, recognise(text).kind]).toEqual([text, 'foreign']);
  });

  test('and then it says how many keys of config.yaml it has', () => {
    expect(recognise('modelPath: a\nb: 1\nc: 2\n')).toMatchObject({ kind: 'foreign', ownKeys: 1 });
  });

  test('also when it is large', () => {
    const large = 'items:\n' + '  - name: value\n    other: "modelPath: /m"\n'.repeat(120_000);
    expect(large.length).toBeGreaterThan(5_000_000);
    expect(recognise(large).kind).toBe('foreign');
  });
});

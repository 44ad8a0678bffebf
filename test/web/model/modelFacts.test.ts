import { expect, test } from 'vitest';
import type { ModelReport } from '../../../schemas/modelReport.ts';
import { createText } from '../../../web/design/createText.ts';
import { factsOf } from '../../../web/model/modelFacts.ts';
import { chinese } from '../../../web/model/texts.ts';

const t = createText(chinese, 'en');
const report: ModelReport = {
  file: '/m/net.xml',
  files: [
    { path: '/m/net.xml', bytes: 2_680 },
    { path: '/m/net.bin', bytes: 1_500_000 },
  ],
  type: 'OpenVINO IR',
  runtime: 'OpenVINO',
  runtimePlace: '/opt/libopenvino_c.so',
};
const facts = (changes: Partial<ModelReport> = {}) =>
  Object.fromEntries(factsOf({ ...report, ...changes }, t, 'en'));

test('each file has its size, and the runtime its place', () => {
  expect(facts()).toEqual({
    Type: 'OpenVINO IR',
    Size: '2.68 kB',
    Weights: 'net.bin, 1.5 MB',
    'Served by': 'OpenVINO, /opt/libopenvino_c.so',
  });
});

test('versions and parameters are there where the format says them', () => {
  const structure = {
    operators: [],
    versions: [
      { name: 'ONNX', version: 17 },
      { name: 'ai.onnx.ml', version: 3 },
    ],
    parameters: 4_736,
  };
  expect(facts({ structure })).toMatchObject({ Versions: 'ONNX 17, ai.onnx.ml 3', Parameters: '4,736' });
});

test('a model that nothing runs says so', () => {
  const { file, files, type } = report;
  const without: ModelReport = { file, files, type };
  expect(Object.fromEntries(factsOf(without, t, 'en'))).toMatchObject({ 'Served by': 'nothing here' });
});
